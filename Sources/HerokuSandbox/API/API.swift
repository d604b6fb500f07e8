import Foundation
import SlipwayBase
import SlipwayHTTP
import SlipwayNet

/// The Platform API over HTTP: who may, which version, how many requests are left; what a request does is in the facets.
struct API: Sendable {
    let platform: Platform
    let faults: Faults
    let calls: CallList
    let apiKey: Secret
    private(set) var router = Router()

    /// A request that passed the checks.
    struct Call: Sendable {
        var request: HTTPRequest
        var parameters: [String: String]
        var variant: String?
        /// An empty object where none was sent.
        var body: JSON

        /// A segment of the path that its pattern names.
        subscript(name: String) -> String { parameters[name] ?? "" }
    }

    struct Reply: Sendable {
        var status = 200
        var body: JSON
        var headers: HTTPHeaders = [:]

        init(_ body: JSON, status: Int = 200, headers: HTTPHeaders = [:]) {
            self.body = body
            self.status = status
            self.headers = headers
        }
    }

    typealias Handler = @Sendable (Call) async throws -> Reply

    init(platform: Platform, faults: Faults, calls: CallList, apiKey: Secret) {
        self.platform = platform
        self.faults = faults
        self.calls = calls
        self.apiKey = apiKey
        let streams = Streams(platform: platform)
        router.on(.get, "/streams/{secret}") { request, parameters in
            try await meeting(faults.take(.get, "/streams/*")) {
                await streams.releaseOutput(request, parameters["secret"] ?? "")
            }
        }
        router.on(.get, "/logs/{id}") { request, parameters in
            try await meeting(faults.take(.get, "/logs/*")) { await streams.log(request, parameters["id"] ?? "") }
        }
        addAccount()
        addApps()
        addFormation()
        addReleases()
        addDynos()
        addAdmin()
        router.failure = { _, error in
            Self.answer(APIError(error.status.code, id: error.code, message: error.message))
        }
        router.finish = { request, response in
            let own = makeIdentifier()
            response.headers["Request-Id"] = request.headers["Request-Id"].map { "\($0),\(own)" } ?? own
        }
    }

    /// - Parameter costsToken: asking what is left is free.
    mutating func on(_ method: HTTPMethod, _ pattern: String, costsToken: Bool = true, _ handler: @escaping Handler) {
        let (platform, faults, calls, apiKey) = (platform, faults, calls, apiKey)
        router.on(method, pattern) { request, parameters in
            let path = request.target.path
            var response = try await meeting(faults.take(method, path)) {
                do {
                    let authorized = Self.isAuthorized(request.headers["Authorization"], apiKey)
                    guard authorized else { throw APIError.unauthorized }
                    guard let version = APIVersion(accept: request.headers["Accept"]) else {
                        throw APIError.notAcceptable
                    }
                    if costsToken, await !platform.takeToken() { throw APIError.tooManyRequests }
                    let call = Call(
                        request: request, parameters: parameters, variant: version.variant,
                        body: try await Self.body(of: request))
                    let reply = try await handler(call)
                    var response = HTTPResponse.json(reply.body.bytes, status: HTTPStatus(reply.status))
                    for (name, value) in reply.headers { response.headers.add(name, value) }
                    return response
                } catch let error as APIError {
                    return Self.answer(error)
                } catch let error as SandboxError {
                    return Self.answer(APIError(500, id: "internal_server_error", message: "\(error)"))
                }
            }
            response.headers["RateLimit-Remaining"] = String(await platform.remainingTokens)
            response.headers["RateLimit-Multiplier"] = "1"
            calls.append(CallList.Call(method: method.description, path: path, status: response.status.code))
            return response
        }
    }

    /// A route without the checks of the Platform API.
    mutating func route(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping Router.Handler) {
        router.on(method, pattern, handler)
    }

    static func body(of request: HTTPRequest) async throws -> JSON {
        let bytes = try await request.body.collect(upTo: 1 << 20)
        guard !bytes.isEmpty else { return [:] }
        do {
            return try JSON(bytes: bytes)
        } catch {
            throw APIError.badRequest("Unable to parse the JSON request body.")
        }
    }

    static func answer(_ error: APIError) -> HTTPResponse {
        .json(error.body.bytes, status: HTTPStatus(error.status))
    }

    /// `Bearer <key>`, or Basic with the key as password and any user.
    static func isAuthorized(_ header: String?, _ apiKey: Secret) -> Bool {
        guard let header else { return false }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return false }
        let shown: String
        switch parts[0].lowercased() {
        case "bearer": shown = String(parts[1])
        case "basic":
            guard let data = Data(base64Encoded: String(parts[1])),
                let pair = String(validating: data, as: UTF8.self),
                let colon = pair.firstIndex(of: ":")
            else { return false }
            shown = String(pair[pair.index(after: colon)...])
        default: return false
        }
        return constantTimeEqual(Array(shown.utf8), Array(apiKey.revealed.utf8))
    }
}

/// What a request meets before it is answered, or instead.
private func meeting(_ fault: Fault.Kind?, _ answer: () async throws -> HTTPResponse) async throws -> HTTPResponse {
    let dropped = HTTPResponse(.badGateway, headers: [FrontDoor.dropField: "1"])
    switch fault {
    case nil: return try await answer()
    case .status(let status, let id, let message, let retryAfter):
        var refusal = API.answer(APIError(status, id: id, message: message))
        refusal.headers["Retry-After"] = retryAfter.map(String.init)
        return refusal
    case .delay(let time):
        try await Task.sleep(for: time)
        return try await answer()
    case .drop: return dropped
    case .loseAnswer:
        _ = try await answer()
        return dropped
    case .garbage: return .text("<html><body>Backend unavailable", type: "text/html")
    case .hang:
        // A task that is cancelled wakes up: at the end of the sandbox, or of the connection.
        try await Task.sleep(for: .seconds(86_400))
        return dropped
    }
}

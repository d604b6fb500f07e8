import SlipwayBase
import SlipwayHTTP
import SlipwayNet

@testable import HerokuSandbox

/// The API alone, asked without a socket: no engine, no registry, no time that passes.
struct Desk: Sendable {
    let api: API
    let platform: Platform
    let faults = Faults()
    let calls = CallList()
    let behaviour: Current<Behaviour>
    static let key = "01234567-89ab-cdef-0123-456789abcdef"

    init(_ behaviour: Behaviour = .prompt) throws {
        let settings = SandboxSettings(
            apiKey: Secret(Self.key), registry: "127.0.0.1:9", registryPassword: Secret("none"), certificate: "",
            key: "",
            folder: "/nowhere")
        let client = HTTPClient(tls: try TLSClientContext())
        self.behaviour = Current(behaviour)
        platform = Platform(
            settings: settings, docker: Docker(executable: "/nowhere/docker", host: nil, configuration: "/nowhere"),
            images: ImageRegistry(address: "127.0.0.1:9", password: Secret("none"), client: client), webClient: client,
            behaviour: self.behaviour, endpoints: Current(Platform.Endpoints()),
            jobs: AsyncStream.makeStream(of: Platform.Job.self).continuation)
        api = API(platform: platform, faults: faults, calls: calls, apiKey: Secret(Self.key))
    }

    struct Answer {
        var status: Int
        var headers: HTTPHeaders
        var json: JSON
        /// Field names of the body, sorted.
        var fields: [String] { json.object.map { $0.keys.sorted() } ?? [] }
    }

    func ask(
        _ method: HTTPMethod, _ path: String, _ body: JSON? = nil,
        accept: String? = "application/vnd.heroku+json; version=3",
        authorization: String? = "Bearer " + key, range: String? = nil
    ) async throws -> Answer {
        guard let target = HTTPTarget(path) else { throw CommandFailed(description: "\(path) is not a target") }
        var headers: HTTPHeaders = ["Request-Id": "mine"]
        headers["Accept"] = accept
        headers["Authorization"] = authorization
        headers["Range"] = range
        let response = await api.router.respond(
            to: HTTPRequest(
                method: method, target: target, headers: headers, body: body.map { .bytes($0.bytes) } ?? .empty))
        guard case .bytes(let bytes) = response.body else {
            return Answer(status: response.status.code, headers: response.headers, json: .null)
        }
        return Answer(status: response.status.code, headers: response.headers, json: (try? JSON(bytes: bytes)) ?? .null)
    }
}

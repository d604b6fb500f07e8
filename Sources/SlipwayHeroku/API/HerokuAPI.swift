import Foundation
import Logging
import SlipwayBase
import SlipwayDeploy
import SlipwayHTTP

/// Heroku's Platform API, as far as a deploy needs it (docs/heroku.md, 4).
struct HerokuAPI: Sendable {
    /// Without a trailing slash.
    let url: String
    let key: Secret
    let userAgent: String
    let client: HTTPClient
    let clock: any Clock<Duration>
    var limits: HerokuLimits
    /// Takes a line for whoever watches: warnings, effects, tries.
    var say: @Sendable (String) async -> Void = { _ in }
    private let logger: Logger

    /// - Parameters:
    ///   - userAgent: Heroku wants to know which program asks: `slipway/1.2`.
    ///   - logger: takes one line for each answer, at the level debug.
    init(
        _ settings: HerokuSettings, userAgent: String, client: HTTPClient, clock: any Clock<Duration>,
        limits: HerokuLimits, logger: Logger = Logger(label: "slipway") { _ in SwiftLogNoOpLogHandler() }
    ) {
        let url = settings.apiURL
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        key = settings.apiKey
        self.userAgent = userAgent
        self.client = client
        self.clock = clock
        self.limits = limits
        self.logger = logger
    }

    func reporting(to log: StepLog) -> HerokuAPI {
        var copy = self
        copy.say = { await log.line($0) }
        return copy
    }

    /// - Throws: `HerokuError`, `CancellationError`.
    func value<Value: Decodable>(_ type: Value.Type, of call: HerokuCall) async throws -> Value {
        try decode(type, from: try await send(call), of: call)
    }

    func decode<Value: Decodable>(_ type: Value.Type, from answer: HerokuAnswer, of call: HerokuCall) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: Data(answer.body))
        } catch {
            throw HerokuError.malformed(doing: call.doing, reason: Self.explain(error))
        }
    }

    /// One try.
    func attempt(_ call: HerokuCall) async throws -> HerokuAnswer {
        var request = HTTPClientRequest(call.method, url + call.path, body: call.body)
        request.headers["Accept"] = "application/vnd.heroku+json; version=\(call.variant.rawValue)"
        request.headers["Authorization"] = "Bearer \(key.revealed)"
        request.headers["User-Agent"] = userAgent
        request.headers["Range"] = call.range
        if !call.body.isEmpty { request.headers["Content-Type"] = "application/json" }
        do {
            let response = try await client.send(request, deadline: limits.answerTime)
            let body = try await response.body.collect(upTo: limits.answerBytes)
            return try await judge(response, body, call)
        } catch let error as HTTPClientError {
            throw Self.translate(error, doing: call.doing)
        } catch let error as HTTPError {
            throw HerokuError.malformed(doing: call.doing, reason: error.message)
        }
    }

    private func judge(_ response: HTTPClientResponse, _ body: [UInt8], _ call: HerokuCall) async throws -> HerokuAnswer
    {
        let requestID = response.headers["Request-Id"]
        logger.debug(
            "heroku",
            metadata: [
                "method": "\(call.method)", "path": "\(call.path)", "status": "\(response.status.code)",
                "request": "\(requestID ?? "-")", "left": "\(response.headers["RateLimit-Remaining"] ?? "-")",
            ])
        let warnings = (response.headers.all("Warning-Message") + response.headers.all("X-Heroku-Warning"))
            .map { $0.singleLine() }
        for warning in warnings { await say("Heroku warns: \(warning)") }
        if response.status.isSuccess {
            if call.isEffect {
                await say("Heroku: \(call.doing): \(response.status), request \(requestID?.singleLine() ?? "unnamed")")
            }
            return HerokuAnswer(status: response.status, body: body, warnings: warnings, requestID: requestID)
        }
        let error = try? JSONDecoder().decode(ErrorBody.self, from: Data(body))
        throw HerokuError(
            HerokuRefusal(
                doing: call.doing, status: response.status.code, id: error?.id ?? "",
                message: error?.message ?? response.status.reason, requestID: requestID),
            retryAfter: response.retryAfter)
    }

    private struct ErrorBody: Decodable {
        var id: String?
        var message: String?
    }

    private static func translate(_ error: HTTPClientError, doing: String) -> HerokuError {
        let reason = "\(error)".singleLine()
        return switch error {
        case .invalidURL, .wrongBodyLength, .cannotConnect, .tls: .unreachable(doing: doing, reason: reason)
        case .deadlineExceeded, .connectionClosed, .malformedResponse: .unanswered(doing: doing, reason: reason)
        }
    }

    private static func explain(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "no `\(key.stringValue)`"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "`\(context.codingPath.map(\.stringValue).joined(separator: "."))` is not what it should be"
        default: "no JSON"
        }
    }
}

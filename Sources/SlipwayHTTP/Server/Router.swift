import SlipwayBase

/// Finds the handler of a request by method and path.
///
///     var router = Router()
///     router.on(.get, "/jobs/{id}") { request, parameters in … parameters["id"] … }
///
/// `HEAD` is answered by `GET`'s handler without its body; a known path with another method is 405 with `Allow`.
package struct Router: Sendable {
    package typealias Handler =
        nonisolated(nonsending) @Sendable (HTTPRequest, [String: String]) async throws -> HTTPResponse
    /// Answers without waiting for anything, in microseconds; nil: only the handler can.
    package typealias AtHand = @Sendable (HTTPRequest, [String: String]) throws(HTTPError) -> HTTPResponse?
    /// Turns an error into an answer; gets every error, also "no such path".
    package typealias Failure = @Sendable (HTTPRequest, HTTPError) -> HTTPResponse

    private struct Route: Sendable {
        var method: HTTPMethod
        var pattern: Pattern
        var isQuick: Bool
        var atHand: AtHand?
        var handler: Handler
    }

    private var routes: [Route] = []
    /// Those of `routes` whose patterns have no names, by path: most requests are for one of them.
    private var literal: [String: [Route]] = [:]
    package var failure: Failure = { _, error in
        HTTPResponse.text(error.message + "\n", status: error.status)
    }
    /// Sees every request that no route takes, with the answer that it would get, and may give another one.
    package var unrouted: @Sendable (HTTPRequest, HTTPError) -> HTTPError = { _, error in error }
    /// Sees every answer last: the place for headers that all of them carry.
    package var finish: @Sendable (HTTPRequest, inout HTTPResponse) -> Void = { _, _ in }

    package init() {}

    /// - Parameters:
    ///   - pattern: segments that are themselves, `{name}` for one segment, or a last `{name...}` for the rest.
    ///   - isQuick: the handler runs on the connection's loop, which saves two changes of thread; for as long as it
    ///     computes, that loop's other connections wait.
    ///   - atHand: asked first, for requests without a body. It runs on the loop too, and without a task, which is most of
    ///     what a small request costs.
    package mutating func on(
        _ method: HTTPMethod, _ pattern: String, isQuick: Bool = false, atHand: AtHand? = nil,
        _ handler: @escaping Handler
    ) {
        let route = Route(
            method: method, pattern: Pattern(pattern), isQuick: isQuick, atHand: atHand, handler: handler)
        routes.append(route)
        if !pattern.contains("{") { literal[pattern, default: []].append(route) }
    }

    /// A route whose answer is always at hand.
    package mutating func on(
        _ method: HTTPMethod, _ pattern: String,
        atHand answer: @escaping @Sendable (HTTPRequest, [String: String]) throws(HTTPError) -> HTTPResponse
    ) {
        on(method, pattern, isQuick: true, atHand: answer) { request, parameters in try answer(request, parameters) }
    }

    /// The answer, where it is there without waiting.
    func answerAtHand(to request: HTTPRequest) -> HTTPResponse? {
        do {
            let (route, parameters) = try route(of: request)
            guard let response = try route.atHand?(request, parameters) else { return nil }
            return finished(response, to: request)
        } catch {
            return finished(failed(request, error), to: request)
        }
    }

    package nonisolated(nonsending) func respond(to request: HTTPRequest) async -> HTTPResponse {
        do {
            let (route, parameters) = try route(of: request)
            return finished(try await answer(request, parameters, route), to: request)
        } catch {
            return finished(failed(request, error), to: request)
        }
    }

    /// The answer to what never became a request that a handler could see.
    func refuse(_ request: HTTPRequest, _ error: HTTPError) -> HTTPResponse {
        finished(failed(request, error), to: request)
    }

    /// What an error must say beside its status (`Allow`, `WWW-Authenticate`) is not left to `failure` to remember.
    private func failed(_ request: HTTPRequest, _ error: any Error) -> HTTPResponse {
        let error =
            error as? HTTPError
            ?? HTTPError(.internalServerError, code: "internal", message: "the server failed; its log says why")
        var response = failure(request, error)
        for (name, value) in error.headers where !response.headers.contains(name) { response.headers.add(name, value) }
        return response
    }

    func finished(_ response: HTTPResponse, to request: HTTPRequest) -> HTTPResponse {
        var response = response
        finish(request, &response)
        return response
    }

    private func route(of request: HTTPRequest) throws(HTTPError) -> (Route, [String: String]) {
        let method = request.method == .head ? .get : request.method
        if let route = literal[request.target.path]?.first(where: { $0.method == method }) { return (route, [:]) }
        // By bytes: a slash with a combining accent after it is another Character.
        let path = request.target.path.utf8.dropFirst()
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Substring($0) }
        var allowed: [String] = []
        for route in routes {
            guard let parameters = route.pattern.match(path) else { continue }
            if route.method == method { return (route, parameters) }
            allowed.append(route.method.description)
            if route.method == .get { allowed.append("HEAD") }
        }
        guard allowed.isEmpty else {
            throw unrouted(
                request,
                HTTPError(
                    .methodNotAllowed, code: "method_not_allowed",
                    message: "\(request.target.path) takes \(allowed.joined(separator: ", "))",
                    headers: ["Allow": allowed.joined(separator: ", ")]))
        }
        throw unrouted(request, HTTPError.notFound("nothing is at \(request.target.path)"))
    }

    private nonisolated(nonsending) func answer(
        _ request: HTTPRequest, _ parameters: [String: String], _ route: Route
    ) async throws -> HTTPResponse {
        if route.isQuick { return try await route.handler(request, parameters) }
        return try await elsewhere { try await route.handler(request, parameters) }
    }

    /// `/jobs/{id}`, taken apart once.
    private struct Pattern: Sendable {
        private enum Segment: Sendable {
            case text(Substring)
            case any(name: String)
        }

        private var segments: [Segment] = []
        /// The name of what follows them.
        private var rest: String?

        init(_ pattern: String) {
            for segment in pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
                if segment.hasSuffix("...}") {
                    rest = String(segment.dropFirst().dropLast(4))
                } else if segment.hasPrefix("{") {
                    segments.append(.any(name: String(segment.dropFirst().dropLast())))
                } else {
                    segments.append(.text(segment))
                }
            }
        }

        /// - Returns: nil: it does not match.
        func match(_ path: [Substring]) -> [String: String]? {
            guard rest == nil ? path.count == segments.count : path.count >= segments.count else { return nil }
            var parameters: [String: String] = [:]
            for (segment, part) in zip(segments, path) {
                switch segment {
                case .text(let text): guard text == part else { return nil }
                case .any(let name):
                    guard !part.isEmpty else { return nil }
                    parameters[name] = String(part)
                }
            }
            if let rest { parameters[rest] = path.dropFirst(segments.count).joined(separator: "/") }
            return parameters
        }
    }
}

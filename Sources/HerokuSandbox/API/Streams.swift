import SlipwayBase
import SlipwayHTTP

/// What is open to whoever knows a URL: the output of release phases, and logs.
struct Streams: Sendable {
    let platform: Platform

    /// `text/plain`, resumed by `Range: bytes=N-`.
    func releaseOutput(_ request: HTTPRequest, _ secret: String) async -> HTTPResponse {
        guard let output = await platform.output(secret),
            output.isRegistered(after: platform.behaviour.value.outputOpensAfter)
        else {
            return .text("Channel is not registered.\n", status: .notFound)
        }
        let offset = Self.offset(request.headers["Range"])
        let ended = output.hasEnded
        if let offset, offset > output.contents.count || (ended && offset == output.contents.count && offset > 0) {
            return HTTPResponse(
                .rangeNotSatisfiable, headers: ["Content-Range": "bytes */\(output.contents.count)"])
        }
        let cut = platform.behaviour.value.outputCutBytes
        var response = HTTPResponse(
            offset == nil ? .ok : .partialContent,
            headers: ["Content-Type": "text/plain", "Cache-Control": "no-cache", "Accept-Ranges": "bytes"],
            body: .stream { writer in
                let sent = Current(0)
                try await output.read(from: offset ?? 0) { bytes in
                    guard cut > 0 else { return try await writer.write(bytes) }
                    let piece = Array(bytes.prefix(cut - sent.value))
                    if !piece.isEmpty { try await writer.write(piece) }
                    sent.value += piece.count
                    if piece.count < bytes.count { throw ConnectionDropped() }
                }
            })
        if let offset, ended {
            let size = output.contents.count
            response.headers["Content-Range"] = "bytes \(offset)-\(max(offset, size - 1))/\(size)"
        }
        return response
    }

    /// nil: from the beginning.
    static func offset(_ range: String?) -> Int? {
        guard let range, range.hasPrefix("bytes="), range.hasSuffix("-") else { return nil }
        return Int(range.dropFirst("bytes=".count).dropLast())
    }

    /// Server-sent events for those who accept them, else lines of text.
    func log(_ request: HTTPRequest, _ id: String) async -> HTTPResponse {
        guard let session = await platform.logSession(id) else {
            return .text("Log session not found.\n", status: .notFound)
        }
        let isEvents = (request.headers["Accept"] ?? "").contains("text/event-stream")
        let seen = request.headers["Last-Event-ID"].flatMap { Int($0) } ?? -1
        @Sendable func format(_ line: LogLine) -> String {
            isEvents ? "id: \(line.number)\ndata: \(line.text)\n\n" : line.text + "\n"
        }
        return HTTPResponse(
            .ok, headers: ["Content-Type": isEvents ? "text/event-stream" : "text/plain", "Cache-Control": "no-cache"],
            body: .stream { writer in
                // The filter comes after the count: a noisy app hides a quiet dyno (docs/heroku.md, 3.6).
                let (backlog, stream) = session.log.follow(last: session.lines)
                if isEvents { try await writer.write(": connected\n\n") }
                for line in backlog where session.shows(line) && line.number > seen {
                    try await writer.write(format(line))
                }
                guard session.tail else { return }
                try await Self.until(session.expires) {
                    for await line in stream where session.shows(line) { try await writer.write(format(line)) }
                }
            })
    }

    private static func until(
        _ end: ContinuousClock.Instant, _ body: @Sendable @escaping () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask { try await Task.sleep(until: end, clock: .continuous) }
            _ = try await group.next()
            group.cancelAll()
        }
    }
}

/// Thrown out of a body, so that the connection ends in the middle of it.
struct ConnectionDropped: Error {}

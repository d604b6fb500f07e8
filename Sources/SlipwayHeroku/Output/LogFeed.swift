import SlipwayHTTP

/// The lines of a log session, whether Heroku sends them as events or as plain text.
struct LogFeed: Sendable {
    /// Needs no key: it is one.
    let url: String
    let client: HTTPClient
    let userAgent: String

    /// What a feed that cannot be read answers.
    struct Refused: Error {
        var status: HTTPStatus
    }

    /// A feed that answers.
    struct Open: Sendable {
        fileprivate let response: HTTPClientResponse

        /// Reads to the end of the feed, or until `take` returns false.
        func read(_ take: (String) async throws -> Bool) async throws {
            var events = EventStreamParser()
            var plain = LineSplitter()
            let isEvents = response.headers["Content-Type"]?.lowercased().hasPrefix("text/event-stream") == true
            while let piece = try await response.body.read() {
                let lines =
                    isEvents
                    ? events.take(piece).flatMap { $0.data.split(separator: "\n").map(String.init) }
                    : plain.take(piece)
                for line in lines {
                    guard try await take(line) else { return }
                }
            }
            if let last = plain.finish() { _ = try await take(last) }
        }
    }

    /// - Throws: `Refused`, `HTTPClientError`.
    func open(deadline: Duration) async throws -> Open {
        let request = HTTPClientRequest(
            .get, url, headers: ["Accept": "text/event-stream", "User-Agent": userAgent])
        let response = try await client.send(request, deadline: deadline)
        guard response.status.isSuccess else { throw Refused(status: response.status) }
        return Open(response: response)
    }

    /// All lines of a feed that ends.
    func lines(deadline: Duration) async throws -> [LogLine] {
        var lines: [LogLine] = []
        try await open(deadline: deadline).read { text in
            if let line = LogLine(text) { lines.append(line) }
            return true
        }
        return lines
    }
}

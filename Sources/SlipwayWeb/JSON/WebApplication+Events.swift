import SlipwayBase
import SlipwayCore
import SlipwayHTTP

extension WebApplication {
    /// `GET /events`: changes as they happen. `?job=` leaves out those of other jobs.
    func events(_ request: HTTPRequest) async throws -> HTTPResponse {
        let caller = try access.authorizeStatus(request)
        // A browser that comes back sends the header; the query is for a page's first connection.
        let seen = request.headers["Last-Event-ID"] ?? request.target.value("last_event_id")
        let only = request.target.value("job").flatMap { JobID($0) }
        // A page cannot see a comment, by which it would know that the stream is still there.
        let beat = request.target.value("heartbeat") == "event" ? "event: heartbeat\ndata: {}\n\n" : ": still here\n\n"
        let position = seen.map { EventPosition($0, run: startedAt) }
        // What cannot be told from here (a number of an earlier run of the server) is for the feed a number it has
        // not reached yet, to which it answers with a reset.
        let changes = feed.changes(after: position.map { $0?.number ?? .max - 1 }, heartbeat: heartbeat)
        return HTTPResponse(
            .ok, headers: ["Content-Type": "text/event-stream", "X-Accel-Buffering": "no"],
            body: .stream { writer in
                try await writer.write("retry: 2000\n\n")
                for await change in changes {
                    guard caller.isStillWelcome() else { return }
                    guard let change else {
                        try await writer.write(beat)
                        continue
                    }
                    if let only, change.kind.job.map({ $0 != only }) == true { continue }
                    if let event = try await event(for: change) { try await writer.write(event) }
                }
            })
    }

    /// Where a page that is drawn now goes on from, for the event stream.
    var eventPosition: String { EventPosition(number: feed.lastNumber, run: startedAt).description }

    private func event(for change: Feed.Change) async throws -> String? {
        let id = change.number.map { "id: \(EventPosition(number: $0, run: startedAt))\n" } ?? ""
        switch change.kind {
        case .reset: return "id: \(eventPosition)\nevent: reset\ndata: {}\n\n"
        case .log(let job, let step, let size):
            return try "event: log\ndata: \(json(LogEvent(job: job, step: step.rawValue, offset: size)))\n\n"
        case .job(let number):
            guard let job = try await history.job(number) else { return nil }
            return try id + "event: job\ndata: \(json(JobView(job)))\n\n"
        case .step(let job, let name):
            guard let step = try await history.job(job)?.steps.first(where: { $0.name == name }) else { return nil }
            return try id + "event: step\ndata: \(json(StepView(step, of: job)))\n\n"
        }
    }

    private func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONText.encode(value), as: UTF8.self)
    }

    private struct LogEvent: Encodable {
        var job: JobID
        var step: String
        /// Bytes the step's log has now.
        var offset: Int
    }
}

/// An event's id. Changes are counted from the server's start, so the start is part of it: a number of an earlier run
/// would otherwise resume at another place.
private struct EventPosition: CustomStringConvertible {
    var number: UInt64
    var run: Timestamp

    init(number: UInt64, run: Timestamp) {
        self.number = number
        self.run = run
    }

    /// - Returns: nil for a position of another run.
    init?(_ text: String, run: Timestamp) {
        let parts = text.split(separator: "-")
        guard parts.count == 2, parts[0] == "\(run.milliseconds)", let number = UInt64(parts[1]),
            number < .max
        else { return nil }
        self.init(number: number, run: run)
    }

    var description: String { "\(run.milliseconds)-\(number)" }
}

extension Feed.Kind {
    fileprivate var job: JobID? {
        switch self {
        case .job(let id), .step(let id, _), .log(let id, _, size: _): id
        case .reset: nil
        }
    }
}

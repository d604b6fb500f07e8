import SlipwayCore
import SlipwayHTTP

extension WebApplication {
    /// `GET /jobs/{id}/log`: the bytes of a job's or a step's log from an offset on, a range of them, or as they come;
    /// for a page that is open, what it has to add.
    func log(_ request: HTTPRequest, _ text: String) async throws -> HTTPResponse {
        let caller = try await access.authorize(request, .read)
        let job = try await job(numbered: text)
        let step = try step(request.target.value("step"))
        let size = try await logs.size(job: job.id, step: step)
        var response = HTTPResponse(
            .ok, headers: ["Content-Type": "text/plain; charset=utf-8", "Accept-Ranges": "bytes"])
        let from = try offset(request.target.value("from"))
        guard from <= size else { throw unsatisfiable(size) }
        if request.target.value("as") == "html" { return try await logAddition(of: job, from: from) }
        if request.target.value("follow") == "1" {
            response.headers["X-Accel-Buffering"] = "no"
            response.body = .stream { writer in
                _ = try await follower.follow(
                    job: job.id, step: step, from: from, every: heartbeat, while: caller.isStillWelcome, heartbeat: nil
                ) { try await writer.write($0) }
            }
            return response
        }
        var part = from..<size
        // `from` and a range together are the range: of the whole log, as its `Content-Range` says.
        switch request.headers["Range"].flatMap({ ByteRange($0, size: size) }) {
        case nil: break
        case .unsatisfiable: throw unsatisfiable(size)
        case .bytes(let range):
            part = try await present(range, of: job.id, step)
            response.status = .partialContent
            response.headers["Content-Range"] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"
        }
        response.body = try await body(of: job.id, step, part)
        return response
    }

    var follower: LogFollower { LogFollower(logs: logs, history: history, feed: feed) }

    /// In one piece when it is small, so that its length is told.
    private func body(of job: JobID, _ step: Step.Name?, _ part: Range<Int>) async throws -> HTTPResponse.Body {
        guard part.count > 262_144 else {
            return .bytes(try await logs.read(job: job, step: step, part))
        }
        return .stream { writer in
            var offset = part.lowerBound
            while offset < part.upperBound {
                let limit = min(65_536, part.upperBound - offset)
                let piece = try await logs.read(job: job, step: step, from: offset, limit: limit)
                guard piece.next > offset else { return }
                try await writer.write(piece.bytes)
                offset = piece.next
            }
        }
    }

    /// As much of a range as comes before what is left out of the log.
    private func present(_ range: Range<Int>, of job: JobID, _ step: Step.Name?) async throws -> Range<Int> {
        for hole in try await logs.omitted(job: job, step: step) where hole.overlaps(range) {
            guard hole.contains(range.lowerBound) else { return range.lowerBound..<hole.lowerBound }
            let size = try await logs.size(job: job, step: step)
            throw unsatisfiable(
                size,
                "bytes \(hole.lowerBound) to \(hole.upperBound - 1) are left out of the log: ask for what is before or behind"
            )
        }
        return range
    }

    private func unsatisfiable(_ size: Int, _ reason: String? = nil) -> HTTPError {
        HTTPError(
            .rangeNotSatisfiable, code: "range_not_satisfiable", message: reason ?? "the log has \(size) bytes",
            headers: ["Content-Range": "bytes */\(size)"])
    }

    private func step(_ text: String?) throws -> Step.Name? {
        guard let text, !text.isEmpty else { return nil }
        guard let step = Step.Name(rawValue: text) else {
            let known = Step.Name.allCases.map(\.rawValue).joined(separator: ", ")
            throw HTTPError.badRequest("step is one of \(known)")
        }
        return step
    }

    private func offset(_ text: String?) throws -> Int {
        guard let text, !text.isEmpty else { return 0 }
        guard let offset = Int(text), offset >= 0 else { throw HTTPError.badRequest("from is a number of bytes") }
        return offset
    }
}

extension LogBook {
    /// A part of a log, which may be shorter when the log is, with a line in the place of what is left out of it.
    func read(job: JobID, step: Step.Name?, _ part: Range<Int>) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        var offset = part.lowerBound
        while offset < part.upperBound {
            let piece = try await read(job: job, step: step, from: offset, limit: part.upperBound - offset)
            guard piece.next > offset else { break }
            bytes += piece.bytes
            offset = piece.next
        }
        return bytes
    }
}

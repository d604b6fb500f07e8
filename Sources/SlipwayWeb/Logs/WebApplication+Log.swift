import SlipwayCore
import SlipwayHTTP

extension WebApplication {
    /// `GET /jobs/{id}/log`: the bytes of a job's or a step's log from an offset on, a range of them, or as they come.
    func log(_ request: HTTPRequest, _ text: String) async throws -> HTTPResponse {
        let caller = try await access.authorize(request, .read)
        let job = try await job(numbered: text)
        let step = try step(request.target.value("step"))
        let size = try await logs.size(job: job.id, step: step)
        var response = HTTPResponse(
            .ok, headers: ["Content-Type": "text/plain; charset=utf-8", "Accept-Ranges": "bytes"])
        let from = try offset(request.target.value("from"))
        guard from <= size else { throw unsatisfiable(size) }
        if request.target.value("follow") == "1" {
            response.headers["X-Accel-Buffering"] = "no"
            response.body = .stream { writer in
                _ = try await follower.follow(
                    job: job.id, step: step, from: from, every: heartbeat, while: caller.isStillWelcome
                ) { _ in
                } write: { piece in
                    try await writer.write(piece)
                }
            }
            return response
        }
        var part = from..<size
        // `from` and a range together are the range: of the whole log, as its `Content-Range` says.
        switch request.headers["Range"].flatMap({ ByteRange($0, size: size) }) {
        case nil: break
        case .unsatisfiable: throw unsatisfiable(size)
        case .bytes(let range):
            part = range
            response.status = .partialContent
            response.headers["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
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
                guard !piece.isEmpty else { return }
                try await writer.write(piece)
                offset += piece.count
            }
        }
    }

    private func unsatisfiable(_ size: Int) -> HTTPError {
        HTTPError(
            .rangeNotSatisfiable, code: "range_not_satisfiable", message: "the log has \(size) bytes",
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
    /// A part of a log, which may be shorter when the log is.
    func read(job: JobID, step: Step.Name?, _ part: Range<Int>) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < part.count {
            let piece = try await read(
                job: job, step: step, from: part.lowerBound + bytes.count, limit: part.count - bytes.count)
            guard !piece.isEmpty else { break }
            bytes += piece
        }
        return bytes
    }
}

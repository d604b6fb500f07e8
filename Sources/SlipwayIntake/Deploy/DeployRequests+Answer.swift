import Logging
import SlipwayBase
import SlipwayCore
import SlipwayHTTP

extension DeployRequests {
    /// A job that was asked for: its page for a browser, itself, its log as it grows, or its end.
    func answer(_ job: Job, _ caller: Caller, _ wait: DeployWish.Wait?) async throws -> HTTPResponse {
        if caller.isBrowser { return .redirect(to: "/jobs/\(job.id)") }
        switch wait {
        case nil: return try show(job, .accepted, to: caller)
        case .log: return stream(job, to: caller)
        case .quiet: return try await end(of: job.id, for: caller)
        }
    }

    private func show(_ job: Job, _ status: HTTPStatus, to caller: Caller) throws -> HTTPResponse {
        let log = caller.may(.read) ? JobView.LogFacts() : nil
        var response = try HTTPResponse.json(encoding: Answer(job: JobView(job, log: log)), status: status)
        response.headers["Location"] = "/jobs/\(job.id)"
        return response
    }

    private struct Answer: Encodable {
        var job: JobView
    }

    // MARK: Quiet

    /// 200 with the job once it has succeeded, 424 once it has ended otherwise. A caller who leaves cancels nothing.
    /// - Throws: 503 where the end is not known: asking again would deploy again, so the answer says what to ask instead.
    private func end(of id: JobID, for caller: Caller) async throws -> HTTPResponse {
        do {
            let end = try await readable(id, "the end") {
                try await ends.end(of: id, every: heartbeat, while: caller.isStillWelcome)
            }
            guard let end else { throw Self.unknownEnd(id, "was asked for, and the store does not answer now") }
            guard let job = end else { throw Self.unknownEnd(id, "was deleted before its end was seen") }
            guard job.state.hasEnded else { throw Self.unknownEnd(id, "is \(job.state.rawValue): \(Self.goesOn)") }
            return try show(job, job.state == .succeeded ? .ok : HTTPStatus(424), to: caller)
        } catch is LogFollower.Unwelcome {
            throw HTTPError(
                .unauthorized, code: "unauthorized",
                message: "job \(id) goes on, and is not waited for here: \(Self.isGone(caller))",
                headers: ["WWW-Authenticate": "Bearer", "Location": "/jobs/\(id)"])
        }
    }

    private static func isGone(_ caller: Caller) -> String {
        "the token \(caller.name ?? "") does not count any more"
    }

    private static func unknownEnd(_ id: JobID, _ what: String) -> HTTPError {
        HTTPError(
            .serviceUnavailable, code: "end_unknown",
            message: "job \(id) \(what); do not ask for it again: GET /jobs/\(id) tells how it ends",
            headers: ["Location": "/jobs/\(id)", "Retry-After": "30"])
    }

    private static let goesOn = "the server stops, and goes on with it when it is back"

    // MARK: With the log

    /// The log, with lines of ours between its own, and how the job ended as the last one, whatever happens to the log. A
    /// caller who leaves cancels nothing, for all that ends is this closure.
    private func stream(_ job: Job, to caller: Caller) -> HTTPResponse {
        HTTPResponse(
            .accepted,
            headers: [
                "Content-Type": "text/plain; charset=utf-8", "Location": "/jobs/\(job.id)", "X-Accel-Buffering": "no",
            ],
            body: .stream { writer in
                let text = FollowedText(writer)
                do {
                    try await text.say("job \(job.id) \(job.state.rawValue)")
                    try await text.say("job \(job.id) \(try await lastWords(of: job.id, text, to: caller))")
                } catch is LogFollower.Unwelcome {
                    try await text.say("job \(job.id) goes on, and its log ends here: \(Self.isGone(caller))")
                } catch let gone as FollowedText.ReaderIsGone {
                    throw gone.cause
                }
            })
    }

    private func lastWords(of id: JobID, _ text: FollowedText, to caller: Caller) async throws -> String {
        let read = try await readable(id, "the log") {
            try await follower.follow(job: id, every: heartbeat, while: caller.isStillWelcome) { job in
                try await text.say("job \(id) \(job.progress)")
            } write: { piece in
                try await text.write(piece)
            }
        }
        if let read { return words(read, id) }
        try await text.say("the log of job \(id) cannot be read now; this waits for the job's end")
        let end = try await readable(id, "the end") {
            try await ends.end(of: id, every: heartbeat, while: caller.isStillWelcome) {
                try await text.say("job \(id) \($0.progress)")
            }
        }
        guard let end else { return "goes on, but the store does not answer now; GET /jobs/\(id) tells how it ends" }
        return words(end, id)
    }

    /// - Returns: nil, and reported, where store or log fail.
    /// - Throws: when nobody reads any more.
    private func readable<Value>(
        _ id: JobID, _ what: String, _ read: () async throws -> Value
    ) async throws -> Value? {
        do {
            return try await read()
        } catch let gone as FollowedText.ReaderIsGone {
            throw gone
        } catch let unwelcome as LogFollower.Unwelcome {
            throw unwelcome
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            logger.warning("\(what) of a job cannot be read", metadata: ["job": "\(id)", "reason": "\(error)"])
            return nil
        }
    }

    /// How it ended, or that it goes on without a listener.
    private func words(_ job: Job?, _ id: JobID) -> String {
        guard let job else { return "was deleted" }
        guard job.state.hasEnded else {
            return "is \(job.state.rawValue): \(Self.goesOn); GET /jobs/\(id)/log?follow=1 follows it then"
        }
        return job.state.rawValue + (job.reason.map { ": \($0.singleLine())" } ?? "")
    }
}

extension Job {
    /// `is queued` and why, or the step that runs and for how long.
    fileprivate var progress: String {
        guard let step = steps.first(where: { $0.state == .running }) else {
            return "is \(state.rawValue)" + (reason.map { ": \($0.singleLine())" } ?? "")
        }
        let time = step.startedAt.map { " for \($0.duration(to: .now()).components.seconds) s" } ?? ""
        return "is \(state.rawValue): \(step.name.rawValue)\(time)"
    }
}

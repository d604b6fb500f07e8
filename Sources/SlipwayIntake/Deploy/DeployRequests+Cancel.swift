import Logging
import SlipwayCore
import SlipwayHTTP

extension DeployRequests {
    func cancel(_ request: HTTPRequest, job text: String) async throws -> HTTPResponse {
        let caller = try await authorize(request, .deploy)
        guard let id = JobID(text), id > 0 else { throw HTTPError.notFound("no job has the number \(text)") }
        let by = caller.name ?? "someone"
        switch try await answered({ try await control.cancel(id, by: by) }) {
        case .accepted: logger.notice("cancel", metadata: ["job": "\(id)", "by": "\(by)"])
        case .unknownJob: throw HTTPError.notFound("no job has the number \(id)")
        case .hasEnded(let state):
            throw HTTPError(.conflict, code: "has_ended", message: "job \(id) has ended: it \(state.inWords)")
        case .passedPointOfNoReturn(let step):
            throw HTTPError(
                .conflict, code: "too_late",
                message: "job \(id) is in \(step.rawValue), which is not broken off halfway; wait for its end, then "
                    + "deploy what you want to be live")
        }
        if caller.isBrowser { return .redirect(to: "/jobs/\(id)") }
        guard let job = try await answered({ try await history.job(id) }) else {
            throw HTTPError.notFound("no job has the number \(id)")
        }
        return try .json(encoding: CancelAnswer(job: JobView(job)), status: .accepted)
    }

    private struct CancelAnswer: Encodable {
        var job: JobView
    }
}

extension Job.State {
    fileprivate var inWords: String {
        switch self {
        case .queued, .running: "is \(rawValue)"
        case .succeeded, .failed: rawValue
        case .cancelled, .superseded: "was \(rawValue)"
        }
    }
}

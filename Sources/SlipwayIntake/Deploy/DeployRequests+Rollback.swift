import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP

extension DeployRequests {
    /// `POST /rollback/{app}/{target}?to=`: what job `to` released, or else what was live before.
    func rollBack(_ request: HTTPRequest, app: String, target: String) async throws -> HTTPResponse {
        let caller = try await authorize(request, .deploy)
        try request.knowFields(["to", "wait"])
        let wait = try request.wait(caller)
        let (app, target) = try known(app, target)
        try await refuseIfLocked(app, target)
        let release = try await release(request.field("to", caller), app, target)
        let plan = Plan(
            app: app.name, target: target.name,
            trigger: .rollback(to: release, delivery: UUID().uuidString.lowercased(), by: caller.name),
            commit: try await commit(of: release))
        let body = RollbackRecord(app: app.name, target: target.name, to: release.job, by: caller.name)
        let job = try await record(plan, "rollback", try JSONText.encode(body), by: caller, request)
        return try await answer(job, caller, wait)
    }

    /// What is stored as the delivery's body.
    private struct RollbackRecord: Encodable {
        var app: String
        var target: String
        var to: JobID
        var by: String?
    }

    private func release(_ to: String?, _ app: App, _ target: Target) async throws -> Release {
        let place = "\(app.name)/\(target.name)"
        let live = try await answered { try await history.live(app: app.name, target: target.name) }
        guard let live else { throw HTTPError.notFound("nothing is live at \(place) yet, so there is no way back") }
        guard let to else {
            let previous = try await answered {
                try await history.previousRelease(app: app.name, target: target.name)
            }
            guard let previous else {
                throw HTTPError.notFound("\(place) has never run another image than the live one")
            }
            return previous
        }
        guard let job = JobID(to), job > 0 else { throw HTTPError.badRequest("to is a job's number, as in ?to=12") }
        let release = try await answered {
            try await history.release(by: job, app: app.name, target: target.name)
        }
        guard let release else {
            throw HTTPError.notFound(
                "job \(job) released nothing at \(place); /jobs?app=\(app.name)&target=\(target.name)&state=succeeded "
                    + "lists those that did")
        }
        guard release.image != live.image || live.replacedBy != nil else {
            throw HTTPError(
                .conflict, code: "already_live",
                message: "what job \(job) released is live at \(place); POST /deploy/\(place) deploys it again")
        }
        return release
    }
}

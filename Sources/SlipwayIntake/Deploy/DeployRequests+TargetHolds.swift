import SlipwayBase
import SlipwayCore
import SlipwayHTTP

extension DeployRequests {
    /// Raw values are the first words of the paths.
    enum Change: String, CaseIterable {
        case lock, unlock, pause, resume
    }

    /// `POST /lock/{app}/{target}?reason=`, and `/unlock`, `/pause`, `/resume` of one target.
    func hold(_ request: HTTPRequest, _ change: Change, app: String, target: String) async throws -> HTTPResponse {
        let caller = try await authorize(request, .deploy)
        if try await !isHeld(app, target, change) { _ = try known(app, target) }
        let message = try await apply(change, to: app, target, request, caller)
        tell("\(app)/\(target): \(change.rawValue) by \(caller.name ?? "someone"): \(message)")
        if caller.isBrowser { return .redirect(to: "/") }
        let held = try await answered { try await history.holds() }[app, target]
        return try .json(encoding: HoldAnswer(app: app, target: target, message: message, held: held))
    }

    /// What holds jobs back can be taken away also where the target is no longer configured, or has another name now.
    private func isHeld(_ app: String, _ target: String, _ change: Change) async throws -> Bool {
        guard change == .unlock || change == .resume else { return false }
        let held = try await answered { try await history.holds() }[app, target]
        return held.lock != nil || held.pause != nil
    }

    /// - Returns: what is so now, as a sentence.
    private func apply(
        _ change: Change, to app: String, _ target: String, _ request: HTTPRequest, _ caller: Caller
    ) async throws -> String {
        let by = caller.name ?? "someone"
        let place = "\(app)/\(target)"
        switch change {
        case .lock:
            guard let reason = request.field("reason", caller)?.singleLine(limit: 500) else {
                throw HTTPError.badRequest("say what for, as in /lock/\(place)?reason=moving+the+database")
            }
            let (lock, isNew) = try await answered {
                try await queue.lock(app: app, target: target, by: by, reason: reason)
            }
            guard isNew else { return "\(place) was locked already by \(lock.inWords); that lock stays" }
            return "\(place) is locked by \(lock.inWords); POST /unlock/\(place) unlocks it"
        case .unlock:
            try await answered { try await queue.unlock(app: app, target: target) }
            return "\(place) is not locked"
        case .pause:
            let pause = try await answered { try await queue.pause(app: app, target: target, by: by) }
            return "\(place) is paused \(pause.inWords); POST /resume/\(place) lets its automatic jobs go on"
        case .resume:
            try await answered { try await queue.resume(app: app, target: target) }
            return "\(place) is not paused"
        }
    }

    /// - Throws: 409 for a locked target.
    func refuseIfLocked(_ app: App, _ target: Target) async throws {
        let held = try await answered { try await history.holds() }[app.name, target.name]
        guard let lock = held.lock else { return }
        let place = "\(app.name)/\(target.name)"
        throw HTTPError(
            .conflict, code: "locked",
            message: "\(place) is locked by \(lock.inWords); POST /unlock/\(place) unlocks it")
    }

    private struct HoldAnswer: Encodable {
        var app: String
        var target: String
        var message: String
        var held: Holds.OnTarget

        private enum CodingKeys: CodingKey { case app, target, message, locked, paused }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(app, forKey: .app)
            try fields.encode(target, forKey: .target)
            try fields.encode(message, forKey: .message)
            try fields.encode(held.lock.map(TargetLockView.init), forKey: .locked)
            try fields.encode(held.pause.map(PauseView.init), forKey: .paused)
        }
    }
}

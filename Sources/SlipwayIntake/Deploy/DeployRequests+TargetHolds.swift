import Logging
import SlipwayBase
import SlipwayCore
import SlipwayHTTP

extension DeployRequests {
    /// `POST /lock/{app}/{target}?reason=`, and `/unlock`, `/pause`, `/resume` of one target.
    func hold(
        _ request: HTTPRequest, _ change: HoldOutcome.Change, at place: HoldOutcome.Place
    ) async throws -> HTTPResponse {
        let caller = try await authorize(request, .deploy)
        if try await !isHeld(place, change) { _ = try known(place.app, place.target) }
        let isNew = try await apply(change, at: place, request, caller)
        let holds = try await answered { try await history.holds() }
        return try answer(HoldOutcome(change, of: place, isNew: isNew), holds, caller) { message in
            HoldAnswer(place: place, message: message, held: holds[place.app, place.target], queue: holds.queue)
        }
    }

    /// What holds jobs back can be taken away even if the target is no longer configured, or has another name now.
    private func isHeld(_ place: HoldOutcome.Place, _ change: HoldOutcome.Change) async throws -> Bool {
        guard change == .unlock || change == .resume else { return false }
        let held = try await answered { try await history.holds() }[place.app, place.target]
        return held.lock != nil || held.pause != nil
    }

    /// - Returns: whether it was not so already.
    private func apply(
        _ change: HoldOutcome.Change, at place: HoldOutcome.Place, _ request: HTTPRequest, _ caller: Caller
    ) async throws -> Bool {
        let by = caller.name ?? "someone"
        let (app, target) = (place.app, place.target)
        switch change {
        case .lock:
            guard let reason = request.field("reason", caller)?.singleLine(limit: 500) else {
                throw HTTPError.badRequest("say what for, as in /lock/\(place)?reason=moving+the+database")
            }
            return try await answered { try await queue.lock(app: app, target: target, by: by, reason: reason) }
        case .unlock: return try await answered { try await queue.unlock(app: app, target: target) }
        case .pause: return try await answered { try await queue.pause(app: app, target: target, by: by) }
        case .resume: return try await answered { try await queue.resume(app: app, target: target) }
        }
    }

    /// Says what is so now: to programs in words, to a browser by the dashboard, which it is led to.
    /// - Parameter body: makes the JSON of the sentence.
    func answer(
        _ outcome: HoldOutcome, _ holds: Holds, _ caller: Caller, _ body: (String) -> some Encodable
    ) throws -> HTTPResponse {
        var metadata: Logger.Metadata = [
            "by": "\(caller.name ?? "someone")",
            "now": "\(outcome.sentence(holds, namesRequests: false))",
        ]
        if let place = outcome.place {
            metadata["app"] = "\(place.app)"
            metadata["target"] = "\(place.target)"
        }
        logger.notice("\(outcome.change.rawValue)", metadata: metadata)
        if caller.isBrowser { return .redirect(to: "/?" + outcome.query) }
        return try .json(encoding: body(outcome.sentence(holds, namesRequests: true)))
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
        var place: HoldOutcome.Place
        var message: String
        var held: Holds.OnTarget
        var queue: Pause?

        private enum CodingKeys: String, CodingKey {
            case app, target, message, locked, paused
            case queuePaused = "queue_paused"
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(place.app, forKey: .app)
            try fields.encode(place.target, forKey: .target)
            try fields.encode(message, forKey: .message)
            try fields.encode(held.lock.map(TargetLockView.init), forKey: .locked)
            try fields.encode(held.pause.map(PauseView.init), forKey: .paused)
            try fields.encode(queue.map(PauseView.init), forKey: .queuePaused)
        }
    }
}

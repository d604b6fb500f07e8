import SlipwayCore

extension OneOff {
    /// How a migration ended in whose step the server stopped.
    /// - Parameter effect: of this marker.
    /// - Returns: nil when its command has certainly not run.
    func resume(_ effect: Effect) async throws -> End? {
        if let outcome = effect.outcome { return End(outcome: outcome) }
        let end: End
        if let dyno = try await mayHaveRun(effect) {
            await context.log.line("learning how the migration in \(dyno) went on, from the app's log")
            end = try await limited(dyno) { try await followLog(of: dyno, from: nil) }
        } else if effect.isDetached {
            end = .unknown("the server stopped while the dyno was started, and there is none now", dyno: "run")
        } else {
            // Nobody attached to it, so it has run nothing.
            if let dyno = try await find() { await stop(dyno.name) }
            end = .neverAttached("the server stopped before it attached to the dyno")
        }
        try await context.journal.end(effect.id, outcome: end.outcome)
        if case .neverAttached = end { return nil }
        return end
    }

    /// The dyno in which the command runs or ran.
    private func mayHaveRun(_ effect: Effect) async throws -> String? {
        if let followed = context.earlier(.followDyno, { $0.nonce == marker.nonce }) { return followed.intent }
        return effect.isDetached ? try await find()?.name : nil
    }
}

extension OneOff.End {
    /// As `outcome` says it; nil: not run.
    fileprivate init?(outcome: String) {
        if let match = outcome.wholeMatch(of: /(\S+) exited with status (\d+)/), let code = Int(match.2) {
            self = .exited(code, dyno: String(match.1))
        } else if let match = outcome.wholeMatch(of: /(\S+): outcome unknown, (.*)/) {
            self = .unknown(String(match.2), dyno: String(match.1))
        } else {
            return nil
        }
    }
}

extension Effect {
    fileprivate var isDetached: Bool { intent.hasPrefix(OneOff.Way.detached.rawValue + " ") }
}

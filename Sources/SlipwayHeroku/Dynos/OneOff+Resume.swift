import SlipwayCore
import SlipwayDeploy

extension OneOff {
    /// How a migration ended in whose step the server stopped.
    /// - Parameter earlier: of this marker.
    /// - Returns: nil when its command has certainly not run.
    func resume(_ earlier: EarlierEffect<OneOffRun, OneOffEnd>) async throws -> End? {
        switch earlier.progress {
        case .begun: break
        case .done(.exited(let code, let dyno)): return .exited(code, dyno: dyno)
        case .done(.unknown(let reason, let dyno)): return .unknown(reason, dyno: dyno)
        case .notDone: return nil
        }
        let end: End
        if let dyno = try await mayHaveRun(earlier.intent) {
            await context.log.line("learning how the migration in \(dyno) went on, from the app's log")
            end = try await limited(dyno) { try await followLog(of: dyno, from: nil) }
        } else if earlier.intent.way == .detached {
            end = .unknown("the server stopped while the dyno was started, and there is none now", dyno: "run")
        } else {
            // Nobody attached to it, so it has run nothing.
            if let dyno = try await find() { await stop(dyno.name) }
            end = .neverAttached("the server stopped before it attached to the dyno")
        }
        try await context.journal.end(earlier.id, as: .runOneOff(earlier.intent, end.progress))
        if case .neverAttached = end { return nil }
        return end
    }

    /// The dyno in which the command runs or ran.
    private func mayHaveRun(_ run: OneOffRun) async throws -> String? {
        if let followed = context.earlier.last(\.followOneOff, { $0.marker == marker.nonce }) {
            return followed.intent.instance
        }
        return run.way == .detached ? try await find()?.name : nil
    }
}

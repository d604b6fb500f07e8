import SlipwayBase
package import SlipwayCore

extension StepContext {
    /// Does something to the world, written down before it is done and again after, however it ends: a failure means here
    /// that nothing is left of it.
    @discardableResult
    package func effect<Intent, Outcome: Sendable>(
        _ effect: (Intent, Effect.Progress<Outcome>) -> Effect, _ intent: Intent, _ body: () async throws -> Outcome
    ) async throws -> Outcome {
        let id = try await journal.begin(effect(intent, .begun), of: job.id, step: step)
        let outcome: Outcome
        do {
            outcome = try await body()
        } catch {
            let reason = await log.redacted(Self.reason(of: error))
            try await end(id, as: effect(intent, .notDone(reason: reason)))
            throw error
        }
        try await end(id, as: effect(intent, .done(outcome)))
        return outcome
    }

    /// Also in a step that has been cancelled.
    private func end(_ id: EffectID, as effect: Effect) async throws {
        let journal = journal
        try await uncancelled { try await journal.end(id, as: effect) }
    }

    private static func reason(of error: any Error) -> String {
        switch error {
        case is CancellationError: "it was cancelled"
        case let failure as StepFailure: failure.reason
        default: "\(error)".singleLine()
        }
    }
}

/// An effect that a step, or its job, had written down before the server stopped.
package struct EarlierEffect<Intent, Outcome: Sendable & Hashable> {
    package var id: EffectID
    package var intent: Intent
    package var progress: Effect.Progress<Outcome>
}

extension [JournalEntry] {
    /// The last one of a kind, and of what is meant.
    package func last<Intent, Outcome>(
        _ kind: (Effect) -> (Intent, Effect.Progress<Outcome>)?, _ isMeant: (Intent) -> Bool = { _ in true }
    ) -> EarlierEffect<Intent, Outcome>? {
        for entry in reversed() {
            guard let (intent, progress) = kind(entry.effect), isMeant(intent) else { continue }
            return EarlierEffect(id: entry.id, intent: intent, progress: progress)
        }
        return nil
    }
}

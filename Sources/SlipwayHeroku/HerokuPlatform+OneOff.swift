import SlipwayBase
import SlipwayCore
import SlipwayDeploy

extension HerokuPlatform {
    func runOneOff(_ migration: Migration, in context: StepContext) async throws {
        guard case .oneOff(let type, let size) = migration.run else {
            throw StepFailure("the migration is not set to run in a one-off dyno; set migrate.run to one-off")
        }
        try await atEdge {
            let command = migration.command.singleLine(limit: 200)
            func oneOff(_ marker: ExitMarker) -> OneOff {
                OneOff(
                    platform: self, migration: migration, type: type, size: size, context: context,
                    marker: marker)
            }
            let end: OneOff.End
            do {
                end = try await self.end(of: migration, context, oneOff)
            } catch let error as HerokuError where error.hadNoEffect {
                // Refused before a dyno was started: what goes wrong after that is never thrown as Heroku's error.
                throw StepFailure(
                    "the migration has not run, and the new release is live without it: \(error.sentence)")
            }
            switch end {
            case .exited(0, let dyno): await context.log.line("the migration in \(dyno) exited with status 0")
            case .exited(let code, let dyno):
                throw StepFailure(
                    "the migration `\(command)` exited with status \(code) in the dyno \(dyno) of \(app)"
                        + ExitStatus(code: code).hint
                        + "; the new release is live already: repair the migration and deploy "
                        + "again, or go back to the release before")
            case .unknown(let reason, let dyno):
                throw StepFailure(
                    "outcome unknown: \(reason); the migration `\(command)` may have run in part or whole: look at "
                        + "the database and at `heroku logs -d \(dyno) -a \(app)` before you deploy again")
            case .neverAttached(let reason):
                throw StepFailure(
                    "the migration has not run, and the new release is live without it: \(reason); deploy again")
            }
        }
    }

    /// Of a dyno that was started before the server stopped, or of a new one where that one has not run the migration, or
    /// may run it again.
    private func end(
        of migration: Migration, _ context: StepContext, _ oneOff: (ExitMarker) -> OneOff
    ) async throws -> OneOff.End {
        if let earlier = context.earlier.last(\.runOneOff), let end = try await resume(earlier, context, oneOff) {
            guard case .unknown(let reason, _) = end, migration.repeatable else { return end }
            await context.log.line("how the migration ended is unknown (\(reason)); it is repeatable, so it runs again")
        }
        return try await oneOff(.random()).run()
    }

    private func resume(
        _ earlier: EarlierEffect<OneOffRun, OneOffEnd>, _ context: StepContext, _ oneOff: (ExitMarker) -> OneOff
    ) async throws -> OneOff.End? {
        do {
            return try await oneOff(ExitMarker(nonce: earlier.intent.marker)).resume(earlier)
        } catch let error as HerokuError {
            throw StepFailure(
                "outcome unknown: how the migration went on since the server stopped could not be learned "
                    + "(\(error.sentence)); look at the database and at `heroku ps` before you deploy again")
        }
    }
}

import SlipwayCore

/// What a job asks before it relies on what runs.
extension JobRun {
    /// How things stand at a target of the app, as its platform says now.
    /// - Throws: `StepFailure` where it says nothing.
    func standing(at target: Target) async throws -> Standing {
        do {
            return try await parts.look.look(at: target, of: app.name, configuration, insists: true)
        } catch let error as NoAnswer {
            throw StepFailure(
                "it is not known what runs at \(target.name): \(error.reason); when it answers, do it again")
        }
    }

    /// The release that is promoted from another target.
    func promoted(from source: String) async throws -> Release {
        switch Promotion(from: source, try await standing(at: try sibling(source))) {
        case .release(let release): return release
        case .underWay(let job):
            throw StepFailure("job \(job) has just released to \(source); promote again when it has ended")
        case .refused(let reason): throw StepFailure(reason)
        }
    }

    func sibling(_ name: String) throws -> Target {
        guard let target = app.target(named: name) else {
            throw StepFailure("target \(name), which is promoted from, is no longer configured")
        }
        return target
    }

    /// Asks once more when the job has changed what runs, so that everybody knows; whether there is an answer changes
    /// nothing for the job.
    func lookBehind() async {
        guard let target, progress.isCommitted else { return }
        _ = try? await parts.look.look(at: target, of: app.name, configuration, insists: false)
    }
}

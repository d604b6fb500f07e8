package import SlipwayBase

/// How things stand at a target: these only read.
extension QueueTransaction {
    package func standing(app: String, target: Target, at now: Timestamp) throws -> Standing {
        Standing(try facts(app: app, target: target), at: now)
    }

    private func facts(app: String, target: Target) throws -> Standing.Facts {
        var facts = Standing.Facts(
            lastGood: try live(app: app, target: target.name),
            running: try rows.runningJob(app: app, target: target.name),
            lastAttempt: try rows.lastAttempt(app: app, target: target.name))
        guard let (sighting, mark) = try rows.sighting(app: app, target: target.name), sighting.place == target.place,
            try sighting.answer == .cannotTell || mark == rows.mark(of: target.place)
        else { return facts }
        facts.sighting = sighting
        guard case .running(let running) = sighting.answer else { return facts }
        facts.isOwn = try rows.madeRelease(running.origin, at: target.place) != nil
        facts.known = try known(running.clues, app: app, target: target)
        return facts
    }

    /// What the first clue that says anything says.
    private func known(_ clues: [Sighting.Clue], app: String, target: Target) throws -> Standing.Known? {
        for clue in clues {
            switch clue {
            case .release(let id):
                guard let made = try rows.madeRelease(id, at: target.place) else { continue }
                if let good = try rows.release(by: made.job, app: made.app, target: made.target) {
                    return Standing.Known(good)
                }
                let isRunning = try rows.job(made.job)?.job.state == .running
                return Standing.Known(made, trouble: isRunning ? .underWay(made.job) : .unverified(made.job))
            case .image(let digits):
                guard let release = try rows.release(ofImage: digits, app: app, preferring: target.name) else {
                    continue
                }
                return Standing.Known(release)
            }
        }
        return nil
    }

    /// What a rollback without a job's number deploys; nil: there is no way back.
    package func wayBack(app: String, target: Target, at now: Timestamp) throws -> Release? {
        let standing = try standing(app: app, target: target, at: now)
        guard standing.askedAt != nil else { return try previousRelease(app: app, target: target.name) }
        guard let good = standing.lastGood, let image = standing.live?.release?.image else { return standing.lastGood }
        var left = [image]
        // Whoever asks for a rollback again does not mean what the first one has left.
        if case .unverified(let job) = standing.live?.trouble, try rows.job(job)?.job.plan.isRollback == true {
            left.append(good.image)
        }
        return try rows.newestRelease(app: app, target: target.name, otherThan: left)?.release
    }
}

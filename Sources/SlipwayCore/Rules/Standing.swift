package import SlipwayBase

/// How things stand at a target: what its platform says that runs there, read with Slipway's own records.
///
/// The platform is the truth: somebody may have rolled back, released or changed a config var there. The records say what
/// an image is, and what its job came to.
package struct Standing: Sendable {
    package var state: State
    /// What runs, as far as is known; nil: nothing does.
    package var live: Live?
    /// The last release that passed its verification, whether it runs or not.
    package var lastGood: Release?
    /// The newest job of the target that has succeeded or failed.
    package var lastAttempt: Attempt?
    /// When the platform was asked; nil: it has not been since Slipway's last release there, or cannot be.
    package var askedAt: Timestamp?

    /// Raw values are the contract's words.
    package enum State: String, Sendable, CaseIterable {
        /// Nothing runs.
        case empty
        case live
        /// What runs crashed, or failed its verification.
        case down
        /// The last attempt failed, and an earlier image answers.
        case behind
        /// A job runs at the target.
        case deploying
        /// The platform has not been asked for ten minutes.
        case unknown
    }

    package struct Live: Sendable {
        /// The record of the image that runs; nil: it is none of Slipway's.
        package var release: Release?
        /// Of the current release.
        package var version: Int
        /// Since when the image runs.
        package var since: Timestamp
        /// Whether a job has released it; else somebody has at the platform, even if the image is Slipway's.
        package var isOwn: Bool
        package var trouble: Trouble?
        /// What the platform calls the release with which it came, and whose account made that.
        package var words: String?
        package var account: String?
    }

    package enum Trouble: Sendable, Hashable {
        /// In the platform's words.
        case crashed(String)
        /// The job that has released it did not come to a good end.
        case unverified(JobID)
        /// The job that has released it still runs.
        case underWay(JobID)
    }

    package struct Attempt: Sendable, Hashable {
        package var job: JobID
        package var failed: Bool

        package init(job: JobID, failed: Bool) {
            self.job = job
            self.failed = failed
        }
    }
}

extension Standing {
    /// An answer that is older says nothing of now.
    package static let longestSilence: Duration = .seconds(600)

    /// What is on record of a target.
    package struct Facts: Sendable {
        package var lastGood: Release?
        /// nil: never asked, not at this place, or Slipway has released there since.
        package var sighting: Sighting?
        /// The record that a clue has found.
        package var known: Known?
        /// Whether the release with which the image came is one of Slipway's.
        package var isOwn: Bool
        package var running: JobID?
        package var lastAttempt: Attempt?

        package init(
            lastGood: Release? = nil, sighting: Sighting? = nil, known: Known? = nil, isOwn: Bool = false,
            running: JobID? = nil, lastAttempt: Attempt? = nil
        ) {
            self.lastGood = lastGood
            self.sighting = sighting
            self.known = known
            self.isOwn = isOwn
            self.running = running
            self.lastAttempt = lastAttempt
        }
    }

    package struct Known: Sendable {
        package var release: Release
        /// Of its job; nil: it was verified, or at another place.
        package var trouble: Trouble?

        package init(_ release: Release, trouble: Trouble? = nil) {
            self.release = release
            self.trouble = trouble
        }
    }

    package init(_ facts: Facts, at now: Timestamp) {
        switch facts.sighting?.answer {
        case .running(let running): live = Live(running, facts)
        case .nothing: live = nil
        case .cannotTell, nil: live = facts.lastGood.map(Live.init(onRecord:))
        }
        lastGood = facts.lastGood
        lastAttempt = facts.lastAttempt
        if let sighting = facts.sighting, sighting.answer != .cannotTell { askedAt = sighting.at }
        state = Self.state(facts, live, now)
    }

    private static func state(_ facts: Facts, _ live: Live?, _ now: Timestamp) -> State {
        if facts.running != nil { return .deploying }
        guard let sighting = facts.sighting else { return .unknown }
        if sighting.answer == .cannotTell {
            // Nobody can tell whether what it has released runs.
            if live?.release?.replacedBy != nil { return .unknown }
        } else if sighting.at.duration(to: now) >= longestSilence {
            return .unknown
        }
        guard let live else { return .empty }
        if live.trouble != nil { return .down }
        return facts.lastAttempt?.failed == true ? .behind : .live
    }
}

extension Standing.Live {
    fileprivate init(_ running: Sighting.Running, _ facts: Standing.Facts) {
        let known = facts.known
        self.init(
            release: known?.release, version: running.version,
            since: facts.isOwn ? known?.release.since ?? running.since : running.since, isOwn: facts.isOwn,
            trouble: running.trouble.map(Standing.Trouble.crashed) ?? known?.trouble, words: running.words,
            account: running.account)
    }

    fileprivate init(onRecord release: Release) {
        self.init(release: release, version: release.version, since: release.since, isOwn: true)
    }
}

extension Standing {
    /// Whether a rollback to a release would change what runs, as far as is known.
    package func needs(_ release: Release) -> Bool {
        guard let live, live.trouble == nil, let runs = live.release else { return true }
        return runs.image != release.image || runs.replacedBy != nil
    }
}

import SlipwayBase
import SlipwayCore

/// What the dashboard shows of how things stand at a target; every value is text, which the template escapes.
struct StandingContext {
    let values: [String: Any]

    /// - Parameters:
    ///   - platform: what a sentence calls the platform.
    ///   - mayRead: whether to name the account that acted there.
    init(_ target: Overview.TargetOverview, of app: App, platform: String, mayRead: Bool) {
        let standing = target.standing
        var values: [String: Any] = ["standing": standing.state.rawValue]
        values["live"] = standing.live.map { Self.live($0, target, app, platform, mayRead: mayRead) }
        values["note"] = Self.note(standing, platform)
        if standing.live?.trouble != nil || standing.state == .behind { values["attempt"] = Self.attempt(standing) }
        if let good = standing.lastGood, standing.live?.release?.image != good.image {
            values["lastGood"] = Self.release(good)
        }
        if let previous = target.previous {
            values["previous"] = Self.release(previous)
            // In the open where it is what helps.
            if standing.state == .down { values["isWayOut"] = true }
        }
        self.values = values
    }

    private static func live(
        _ live: Standing.Live, _ target: Overview.TargetOverview, _ app: App, _ platform: String, mayRead: Bool
    ) -> [String: Any] {
        var shown: [String: Any] = ["liveVersion": String(live.version), "liveSince": JobContext.time(live.since)]
        if let release = live.release {
            shown["known"] = ["liveSHA": release.commit.short, "liveJob": String(release.job)]
            shown["liveURL"] = PageText.commitURL(release.commit, of: app)
            shown["replacedBy"] = release.replacedBy.map(String.init)
            if let job = target.liveJob, job.plan.commit.id == release.commit {
                shown["liveSubject"] = job.plan.commit.subject.singleLine(limit: 200)
            }
        }
        guard !live.isOwn else { return shown }
        let words = live.words.map { ": \($0.singleLine(limit: 200))" } ?? ""
        let account = mayRead ? live.account.map { ", by \($0.singleLine(limit: 100))" } ?? "" : ""
        shown["doneThere"] = "Done on \(platform) itself\(words)\(account)."
        return shown
    }

    /// What is to be said of the state.
    private static func note(_ standing: Standing, _ platform: String) -> String? {
        switch standing.live?.trouble {
        case .crashed(let words): return (words.prefix(1).uppercased() + words.dropFirst()).singleLine(limit: 300) + "."
        case .unverified: return "It did not pass its verification."
        case .underWay, nil: break
        }
        guard standing.state == .unknown else { return nil }
        guard let asked = standing.askedAt else { return "\(platform) has not said yet what runs here." }
        return "\(platform) has not said what runs here since \(PageText.time(asked)); this is what ran then."
    }

    private static func attempt(_ standing: Standing) -> [String: String]? {
        guard let attempt = standing.lastAttempt, attempt.failed else { return nil }
        return ["attemptJob": String(attempt.job)]
    }

    static func release(_ release: Release) -> [String: String] {
        [
            "releaseSHA": release.commit.short, "releaseJob": String(release.job),
            "releaseVersion": String(release.version),
        ]
    }
}

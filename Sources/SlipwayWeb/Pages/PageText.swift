import SlipwayBase
import SlipwayCore

/// How times, durations and reasons for jobs read on a page.
enum PageText {
    /// `2026-11-22 19:00:05`, in UTC.
    static func time(_ time: Timestamp) -> String {
        String(time.description.prefix(19)).split(separator: "T").joined(separator: " ")
    }

    /// `0.4 s`, `12 s`, `1 min 20 s`, `2 h 5 min`: most steps of a small app take a few tenths.
    static func duration(_ duration: Duration) -> String {
        let tenths = max(0, Int64((duration / .milliseconds(100)).rounded()))
        let seconds = tenths / 10
        if tenths < 100 { return "\(seconds).\(tenths % 10) s" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }

    static func trigger(_ trigger: Trigger) -> String {
        let name = GitRef(trigger.ref)?.name ?? CommitID(trigger.ref)?.short ?? trigger.ref
        let shown = name.singleLine(limit: 120)
        return switch trigger.kind {
        case .push: "push to \(shown)"
        case .tag: "tag \(shown)"
        case .release: "release \(shown)"
        case .deploy: "deploy of \(shown)"
        case .rollback: "rollback to \(shown)"
        case .retry: "retry of \(shown)"
        case .catchUp: "catch-up with \(shown)"
        }
    }

    /// Where a person can look at a commit, when the repository is on a forge with pages.
    static func commitURL(_ commit: CommitID?, of app: App?) -> String? {
        guard let commit, let app, app.cloneURL.hasPrefix("https://"), !app.cloneURL.contains("@") else { return nil }
        let page = app.cloneURL.hasSuffix(".git") ? String(app.cloneURL.dropLast(4)) : app.cloneURL
        return page + "/commit/\(commit)"
    }
}

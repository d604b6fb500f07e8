package import SlipwayBase

/// `{"by": "ops", "since": "2026-11-22T19:00:00.000Z"}`, in `/status` and in the answers of `/pause` and `/resume`.
package struct PauseView: Encodable, Sendable {
    package var by: String
    package var since: Timestamp

    package init(_ pause: Pause) {
        by = pause.by
        since = pause.since
    }
}

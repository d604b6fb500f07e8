import SlipwayBase

/// `{"by": "ops", "since": "2026-11-22T19:00:00.000Z", "reason": "moving the database"}`
package struct TargetLockView: Encodable, Sendable {
    private var by: String
    private var since: Timestamp
    private var reason: String

    package init(_ lock: TargetLock) {
        by = lock.by
        since = lock.since
        reason = lock.reason
    }
}

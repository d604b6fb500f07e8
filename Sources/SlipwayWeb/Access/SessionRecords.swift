package import SlipwayBase
package import SlipwayCore

/// What survives of sessions: the salt of their keys, and which of them were ended before they expire.
package struct SessionRecords: Sendable {
    let salt: Secret
    let ended: [String: Timestamp]
    let store: any EndedSessions

    /// - Throws: `SessionSaltError`, or what the store throws.
    package init(data: String, store: any EndedSessions, now: Timestamp = .now()) async throws {
        salt = try SessionSalt.load(from: data)
        ended = try await store.endedSessions(at: now)
        self.store = store
    }
}

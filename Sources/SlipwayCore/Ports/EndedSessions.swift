package import SlipwayBase

/// Remembers the browser sessions that were ended before they expire.
package protocol EndedSessions: Sendable {
    /// - Parameters:
    ///   - session: what is random in the session; the session itself is kept nowhere.
    ///   - expiry: from then on it need not be remembered.
    func end(_ session: String, until expiry: Timestamp) async throws
    /// Those that have not expired by then, with their expiry.
    func endedSessions(at moment: Timestamp) async throws -> [String: Timestamp]
}

package import SlipwayBase

/// Remembers the browser sessions that were ended before they expire.
package protocol EndedSessions: Sendable {
    /// - Parameters:
    ///   - session: what is random in the session; the session itself is kept nowhere.
    ///   - expiry: from then on it need not be remembered.
    ///   - moment: those that have expired by then are forgotten.
    func end(_ session: String, until expiry: Timestamp, at moment: Timestamp) async throws
    /// Those that have not expired by then, with their expiry.
    func endedSessions(at moment: Timestamp) async throws -> [String: Timestamp]
}

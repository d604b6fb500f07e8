package import SlipwayBase

/// Remembers the browser sessions that were ended before they expire. What throws has remembered nothing.
///
/// The server asks for the list at its start and keeps it: a session that another process has ended goes on in this one.
package protocol EndedSessions: Sendable {
    /// - Parameters:
    ///   - session: what is random in the session; the session itself is kept nowhere.
    ///   - expiry: from then on it need not be remembered.
    ///   - moment: those that have expired by then are forgotten.
    func end(_ session: String, until expiry: Timestamp, at moment: Timestamp) async throws
    /// Those that have not expired by then, with their expiry.
    func endedSessions(at moment: Timestamp) async throws -> [String: Timestamp]
}

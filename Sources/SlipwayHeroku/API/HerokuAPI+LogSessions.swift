import SlipwayHTTP

/// Which lines of an app's log a session gives. The published schema calls the filter `dyno_name`, the version that
/// Heroku's own CLI uses `dyno`.
struct LogSessionRequest: Encodable, Sendable {
    /// nil: all of them.
    var dyno: String?
    /// How many of the past, counted before the filter.
    var lines: Int
    /// Whether it goes on with what comes.
    var tail: Bool
}

extension HerokuAPI {
    /// - Returns: the session's URL, a secret.
    /// - Throws: also `HerokuError.elsewhere`.
    func logSession(_ request: LogSessionRequest, of app: String) async throws -> String {
        let call = HerokuCall(
            method: .post, path: app.appPath + "/log-sessions", doing: "opening the log of \(app)",
            body: try request.json, variant: .sdk)
        let url = try await value(LogSessionResource.self, of: call).logplexUrl
        if let host = foreignHost(of: url) { throw HerokuError.elsewhere(doing: call.doing, host: host) }
        return url
    }
}

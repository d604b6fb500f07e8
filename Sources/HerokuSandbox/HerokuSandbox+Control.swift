import SlipwayBase

/// For tests in the same process; the same is there over HTTP.
extension HerokuSandbox {
    /// - Parameters:
    ///   - web: dynos of the type `web` from the first release on; nil: as the behaviour says.
    /// - Returns: the app's own address, `http://host:port/`.
    /// - Throws: `APIError`.
    @discardableResult
    package func createApp(
        _ name: String, stack: String = "container", configVars: [String: String] = [:], web: Int? = nil
    ) async throws -> String {
        try await platform.createApp(name: name, stack: stack, configVars: configVars, webQuantity: web).webURL
    }

    /// What has really happened to an app.
    package func effects(of app: String) async throws -> Effects { try await platform.app(app).effects }

    /// The latest lines of an app's log, oldest first.
    package func log(of app: String) async throws -> [LogLine] { try await platform.app(app).log.lines }

    /// The API's requests that are left.
    package func setRateLimit(remaining: Int) async { await platform.setRemainingTokens(remaining) }

    /// By which `docker ps --filter label=…` finds its containers.
    package var containerLabel: String { platform.label }
}

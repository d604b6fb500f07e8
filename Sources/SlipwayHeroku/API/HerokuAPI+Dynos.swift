import SlipwayHTTP

/// What a one-off dyno is to be.
struct OneOffRequest: Encodable, Sendable {
    var command: String
    var attach: Bool
    /// The process type whose image runs; Heroku's own choice is `web`'s.
    var type: String?
    var size: String?
    /// In seconds: ends the dyno even if we are not there to do it. Heroku takes 86,400 at most.
    var time_to_live: Int
    /// Without a terminal lines end as the command writes them, and input is not echoed.
    var force_no_tty: Bool?
}

extension HerokuAPI {
    func dynos(_ app: String) async throws -> [DynoResource] {
        try await value(
            [DynoResource].self,
            of: HerokuCall(method: .get, path: app.appPath + "/dynos", doing: "reading the dynos of \(app)"))
    }

    /// - Returns: nil when there is no such dyno, or no longer.
    func dyno(_ name: String, of app: String) async throws -> DynoResource? {
        let call = HerokuCall(method: .get, path: app.dynoPath(name), doing: "reading the dyno \(name) of \(app)")
        do {
            return try await value(DynoResource.self, of: call)
        } catch let error as HerokuError where error.isNotFound {
            return nil
        }
    }

    func runDyno(_ request: OneOffRequest, of app: String) async throws -> DynoResource {
        try await value(
            DynoResource.self,
            of: HerokuCall(
                method: .post, path: app.appPath + "/dynos", doing: "starting a one-off dyno of \(app)",
                body: try request.json, repetition: .onlyWhenRefused))
    }

    func restartDynos(_ app: String) async throws {
        _ = try await send(
            HerokuCall(method: .delete, path: app.appPath + "/dynos", doing: "restarting the dynos of \(app)"))
    }

    func stopDyno(_ name: String, of app: String, tries: Int) async throws {
        var api = self
        api.limits.tries = tries
        _ = try await api.send(
            HerokuCall(
                method: .post, path: app.dynoPath(name) + "/actions/stop", doing: "stopping the dyno \(name) of \(app)",
                variant: .sdk))
    }
}

extension String {
    fileprivate func dynoPath(_ name: String) -> String { appPath + "/dynos/" + PercentCoding.encode(name) }
}

import SlipwayHTTP

extension HerokuAPI {
    func account() async throws -> AccountResource {
        try await value(
            AccountResource.self, of: HerokuCall(method: .get, path: "/account", doing: "reading the account"))
    }

    func app(_ app: String) async throws -> AppResource {
        try await value(
            AppResource.self, of: HerokuCall(method: .get, path: app.appPath, doing: "reading the app \(app)"))
    }

    /// A never-deployed app changes its stack at once, others with the next release.
    func setContainerStack(_ app: String) async throws {
        struct Body: Encodable { var build_stack = "container" }
        _ = try await send(
            HerokuCall(
                method: .patch, path: app.appPath, doing: "setting the stack of \(app) to container",
                body: try Body().json))
    }

    func hasPreboot(_ app: String) async throws -> Bool {
        let call = HerokuCall(
            method: .get, path: app.appPath + "/features/preboot", doing: "reading the feature preboot of \(app)")
        do {
            return try await value(FeatureResource.self, of: call).enabled
        } catch let error as HerokuError where error.isNotFound {
            // Not offered to this kind of app.
            return false
        }
    }
}

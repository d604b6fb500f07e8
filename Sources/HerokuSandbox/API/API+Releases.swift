import SlipwayHTTP

extension API {
    mutating func addReleases() {
        let platform = platform
        on(.get, "/apps/{app}/releases") { call in
            let app = try await platform.app(call["app"])
            var shown: [String: JSON] = [:]
            for release in app.releases { shown[release.id] = await platform.json(release, of: app) }
            return try Self.list(app.releases, call, attributes: ["version", "id"]) { release, attribute in
                attribute == "id" ? release.id : String(release.version)
            } json: {
                shown[$0.id] ?? .null
            }
        }
        on(.get, "/apps/{app}/releases/{release}") { call in
            let app = try await platform.app(call["app"])
            let release = try await platform.release(call["release"], of: app)
            return Reply(await platform.json(release, of: app))
        }
        on(.get, "/apps/{app}/releases/{release}/config-vars") { call in
            let app = try await platform.app(call["app"])
            return Reply(
                .object(try await platform.release(call["release"], of: app).configVars.mapValues(JSON.string)))
        }
        on(.post, "/apps/{app}/releases") { call in
            guard call.body["slug"] == nil, call.body["oci_image"] == nil else {
                throw APIError.invalid("An app on the container stack is released by its formation.")
            }
            let release = try await platform.rollBack(call["app"], to: call.body["release"]?.string)
            let app = try await platform.app(call["app"])
            return Reply(await platform.json(release, of: app), status: 201)
        }
    }
}

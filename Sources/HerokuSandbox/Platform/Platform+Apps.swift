import Foundation
import SlipwayBase
import SlipwayHTTP

extension Platform {
    var account: JSON {
        [
            "allow_tracking": true, "beta": false, "created_at": "2012-01-01T12:00:00Z",
            "email": .string(settings.email),
            "federated": false, "id": .string(accountID), "identity_provider": .null, "last_login": .null,
            "name": .null,
            "sms_number": .null, "suspended_at": .null, "delinquent_at": .null, "two_factor_authentication": false,
            "updated_at": "2012-01-01T12:00:00Z", "verified": true, "country_of_residence": .null,
            "default_organization": .null, "default_team": .null,
        ]
    }

    /// - Parameter name: nil: one is made up.
    /// - Throws: `APIError`, or what keeps the app's address from being bound.
    func createApp(name: String?, stack: String, configVars: [String: String] = [:], webQuantity: Int? = nil) throws
        -> SandboxApp
    {
        let name = name ?? "sandbox-" + makeIdentifier().prefix(8)
        guard SandboxApp.isValid(name: name) else {
            throw APIError.invalid(
                "Name must start with a letter, end with a letter or digit and can only contain lowercase letters, "
                    + "digits, and dashes.")
        }
        guard !apps.values.contains(where: { $0.name == name }) else {
            throw APIError.invalid("Name \(name) is already taken")
        }
        let entrance = AppEntrance(platform: self)
        var limits = HTTPLimits()
        limits.stopTime = .milliseconds(500)
        let server = try HTTPServer(host: settings.host, port: 0, limits: limits, router: entrance.router)
        var app = SandboxApp(
            name: name, stack: stack, configVars: configVars, webHost: settings.host, webPort: server.port)
        entrance.app.value = app.id
        if let webQuantity { app.formation["web"] = FormationType(type: "web", quantity: webQuantity) }
        for description in ["Initial release", "Enable Logplex"] {
            var release = SandboxRelease(
                version: app.releases.count + 1, description: description, images: [:], configVars: configVars)
            release.status = .succeeded
            app.releases.append(release)
            app.currentVersion = release.version
        }
        apps[app.id] = app
        start {
            // It ends with the sandbox; an app whose address fails is an app that does not answer.
            try? await server.run()
        }
        return app
    }

    /// PATCH of an app: stack, maintenance, name.
    func changeApp(_ identity: String, _ body: JSON) throws(APIError) -> SandboxApp {
        let app = try app(identity)
        if let name = body["name"]?.string, name != app.name {
            guard SandboxApp.isValid(name: name) else { throw .invalid("Name is invalid") }
            guard !apps.values.contains(where: { $0.name == name }) else { throw .invalid("Name is already taken") }
        }
        _ = update(app.id) { app in
            app.updatedAt = .now()
            if let name = body["name"]?.string { app.name = name }
            if let maintenance = body["maintenance"]?.bool { app.maintenance = maintenance }
            if let stack = body["build_stack"]?.string ?? body["build_stack"]?["name"]?.string {
                app.buildStack = stack
                // One that was never deployed has nothing that needs the old stack.
                if app.releasedAt == nil { app.stack = stack }
            }
        }
        return try self.app(app.id)
    }

    /// PATCH of config vars: a release, if anything changes.
    func changeConfigVars(_ identity: String, _ body: JSON) throws(APIError) -> [String: String] {
        let app = try app(identity)
        guard let changes = body.object else { throw .badRequest("The body must be an object of config vars.") }
        var vars = app.configVars
        for (name, value) in changes {
            guard Self.isValid(configVar: name) else { throw .invalid("\(name) is not a valid config var name") }
            switch value {
            case .null: vars[name] = nil
            case .string(let text): vars[name] = text
            default: throw .invalid("The value of \(name) must be a string or null")
            }
        }
        guard vars != app.configVars else { return vars }
        let set = changes.keys.filter { vars[$0] != nil && vars[$0] != app.configVars[$0] }.sorted()
        let removed = app.configVars.keys.filter { vars[$0] == nil }.sorted()
        let words = [
            set.isEmpty ? nil : "Set \(set.joined(separator: ", "))",
            removed.isEmpty ? nil : "Remove \(removed.joined(separator: ", "))",
        ].compactMap(\.self)
        _ = update(app.id) { app in
            app.configVars = vars
            app.effects.configReleases += 1
        }
        makeRelease(
            of: app.id, description: words.joined(separator: ", ") + " config vars", images: app.newest?.images ?? [:],
            runsReleasePhase: behaviour.value.configRunsReleasePhase)
        return vars
    }

    /// `^\w+$`, as the schema has it.
    private static func isValid(configVar name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == UInt8(ascii: "_")
            }
    }

    /// Features that an app knows, with what they are for.
    static let featureDescriptions = [
        "preboot": "Provide seamless web dyno deploys",
        "runtime-dyno-metadata": "Dyno metadata for apps and releases",
    ]

    func feature(_ name: String, of identity: String) throws(APIError) -> JSON {
        let app = try app(identity)
        guard let description = Self.featureDescriptions[name] else { throw .notFound("feature") }
        return [
            "created_at": .string(app.createdAt.apiText), "description": .string(description),
            "doc_url": .string("https://devcenter.heroku.com/articles/\(name)"),
            "enabled": .bool(app.features.contains(name)),
            "id": .string("\(app.id.prefix(24))\(name.utf8.count)00000000ab"),
            "name": .string(name), "state": "general", "updated_at": .string(app.updatedAt.apiText),
            "display_name": .string(name), "feedback_email": "feedback@heroku.com",
        ]
    }

    func setFeature(_ name: String, of identity: String, _ body: JSON) throws(APIError) -> JSON {
        let app = try app(identity)
        guard Self.featureDescriptions[name] != nil else { throw .notFound("feature") }
        guard let enabled = body["enabled"]?.bool else { throw .invalid("enabled must be true or false") }
        _ = update(app.id) { app in
            if enabled { app.features.insert(name) } else { app.features.remove(name) }
        }
        return try feature(name, of: app.id)
    }
}

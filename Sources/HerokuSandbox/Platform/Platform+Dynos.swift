import SlipwayBase

extension Platform {
    /// The container that a dyno is.
    func container(for dyno: Dyno, image: ImageReference, release: SandboxRelease, of app: SandboxApp) -> ContainerSpec
    {
        var environment = release.configVars
        environment["DYNO"] = dyno.name
        environment["PORT"] = String(dyno.port)
        if app.features.contains("runtime-dyno-metadata") {
            environment["HEROKU_APP_ID"] = app.id
            environment["HEROKU_APP_NAME"] = app.name
            environment["HEROKU_DYNO_ID"] = dyno.id
            environment["HEROKU_RELEASE_VERSION"] = "v\(release.version)"
            environment["HEROKU_RELEASE_CREATED_AT"] = release.createdAt.apiText
        }
        return ContainerSpec(
            name: dyno.container, image: "\(settings.registry)/\(image.repository)@\(image.manifest)",
            environment: environment, user: behaviour.value.ignoresImageUser ? "47103:47103" : nil,
            memory: settings.memory, processes: settings.processes)
    }

    func dynos(of app: SandboxApp) -> JSON {
        .array(app.dynos.sorted { $0.name < $1.name }.map { $0.json(of: app, attachURL: nil) })
    }

    /// - Parameter identity: a dyno's id or name.
    func dyno(_ identity: String, of app: SandboxApp) throws(APIError) -> Dyno {
        guard let dyno = app.dynos.first(where: { $0.id == identity || $0.name == identity }) else {
            throw .notFound("dyno")
        }
        return dyno
    }

    /// DELETE of all dynos: those of the formation are started again, one-offs stay.
    func restartDynos(_ identity: String, type: String? = nil) throws(APIError) {
        let app = try app(identity)
        _ = update(app.id) { $0.effects.restarts += 1 }
        app.log.append("heroku", "api", "Restarting \(type ?? "all") dynos by user \(settings.email)")
        replaceDynos(of: app.id, type: type)
    }

    /// DELETE of one dyno: started again if it belongs to the formation, else stopped.
    func restartDyno(_ identity: String, of appIdentity: String) throws(APIError) {
        let app = try app(appIdentity)
        let dyno = try dyno(identity, of: app)
        guard !dyno.isOneOff else { return try stopDyno(identity, of: appIdentity) }
        _ = update(app.id) { $0.effects.restarts += 1 }
        replaceDyno(dyno, of: app.id)
    }

    func stopDyno(_ identity: String, of appIdentity: String) throws(APIError) {
        let app = try app(appIdentity)
        let dyno = try dyno(identity, of: app)
        _ = update(app.id) { $0.effects.stops += 1 }
        app.log.append("heroku", dyno.name, "Stopping all processes with SIGTERM")
        if !dyno.isOneOff { setState(.down, of: dyno.id, app.id) }
        if let secret = dyno.attachSecret, attachments.removeValue(forKey: secret) != nil {
            // No client has come, so there is no process yet, and now there will be none.
            return oneOffEnded(dyno.id, of: app.id, state: .down)
        }
        stopContainer(of: dyno)
    }

    func stopDynos(type: String, of appIdentity: String) throws(APIError) {
        let app = try app(appIdentity)
        for dyno in app.dynos where dyno.type == type { try stopDyno(dyno.id, of: app.id) }
    }

    // MARK: The app's address

    /// Where a request to the app's address goes.
    enum WebTarget: Sendable {
        case dyno(name: String, port: Int)
        /// One of Heroku's error codes with its words.
        case failure(code: String, description: String)
    }

    func webTarget(of id: String) -> WebTarget {
        guard let app = apps[id] else { return .failure(code: "H81", description: "Blank app") }
        if app.maintenance { return .failure(code: "H80", description: "Maintenance mode") }
        let old = app.retired.filter { !$0.isStopping && $0.dyno.type == "web" && $0.dyno.state == .up }.map(\.dyno)
        let new = app.dynos.filter { !$0.isOneOff && $0.type == "web" }
        let servesOld = app.hasPreboot || !behaviour.value.stopsRoutingWhileStarting
        if let dyno = (servesOld ? old.randomElement() : nil) ?? new.filter({ $0.state == .up }).randomElement() {
            return .dyno(name: dyno.name, port: dyno.port)
        }
        if new.isEmpty { return .failure(code: "H14", description: "No web processes running") }
        if new.contains(where: { $0.state == .starting }) {
            return .failure(code: "H20", description: "App boot timeout")
        }
        return .failure(code: "H10", description: "App crashed")
    }
}

import SlipwayBase

/// A one-off dyno that waits for its client.
struct Attachment: Sendable {
    var run: DynoRun
    /// The client's lines end in CRLF and its keys are echoed.
    var hasTerminal: Bool
    var timeToLive: Duration
}

extension Platform {
    /// POST of a dyno.
    /// - Returns: the dyno as the API shows it, with the URL to attach to where that was asked for.
    func createDyno(_ identity: String, _ body: JSON) throws(APIError) -> JSON {
        let app = try app(identity)
        guard let command = body["command"]?.string, !command.isEmpty else { throw .invalid("command is required") }
        try refuseEarlyDyno(of: app)
        guard let release = app.current, !release.images.isEmpty else {
            throw .invalid("Couldn't find a release with an image to run.")
        }
        let type = body["type"]?.string
        let (image, imageType) = try image(for: type, in: release)
        var variables: [String: String] = [:]
        for (name, value) in body["env"]?.object ?? [:] {
            guard let text = value.string else { throw .invalid("env must be an object of strings") }
            variables[name] = text
        }
        let isAttached = body["attach"]?.bool ?? false
        let created = update(app.id) { app in
            app.effects.oneOffDynos += 1
            var dyno = Dyno(
                name: "\(type ?? "run").\(app.takeDynoNumber())", type: type ?? "run", isOneOff: true,
                command: command, size: body["size"]?.string ?? app.formation[imageType]?.size ?? "Basic",
                releaseID: release.id, version: release.version, port: FreePort.find())
            if isAttached { dyno.attachSecret = makeIdentifier() }
            app.dynos.append(dyno)
            return dyno
        }
        guard let dyno = created else { throw .notFound("app") }
        var container = container(for: dyno, image: image, release: release, of: app)
        container.environment.merge(variables) { _, own in own }
        container.isAttached = isAttached
        let line = resolved(command, in: release)
        if image.entrypoint.isEmpty {
            container.entrypoint = "/bin/sh"
            container.arguments = ["-c", line]
        } else {
            container.arguments = behaviour.value.entrypointGetsWords ? ShellWords.split(line) : [line]
        }
        let run = DynoRun(dyno: dyno, app: app.id, container: container, log: app.log, platform: self)
        let timeToLive = Duration.seconds(min(body["time_to_live"]?.integer ?? 86_400, 86_400))
        if let secret = dyno.attachSecret {
            let hasTerminal = body["force_no_tty"]?.bool != true
            attachments[secret] = Attachment(run: run, hasTerminal: hasTerminal, timeToLive: timeToLive)
            start { await self.awaitClient(run, secret) }
        } else {
            start { await run.runDetached(timeToLive: timeToLive) }
        }
        return dyno.json(
            of: app,
            attachURL: dyno.attachSecret.map { "rendezvous://\(settings.host):\(endpoints.value.rendezvousPort)/\($0)" }
        )
    }

    /// Right after a release its dynos are not known everywhere (docs/heroku.md, 3.1).
    private func refuseEarlyDyno(of app: SandboxApp) throws(APIError) {
        guard let release = app.current, release.conflictsLeft > 0 else { return }
        updateRelease(release.version, of: app.id) { $0.conflictsLeft -= 1 }
        throw .conflict("Release v\(release.version) of app \(app.name) not found yet. Please try again.")
    }

    private func image(for type: String?, in release: SandboxRelease) throws(APIError) -> (ImageReference, String) {
        if let type, type != "run" {
            if let image = release.images[type] { return (image, type) }
            guard behaviour.value.oneOffFallsBackToWeb else {
                throw .invalid("The process type \(type) has no docker image.")
            }
        }
        guard let image = release.images["web"] else { throw .invalid("The process type web has no docker image.") }
        return (image, "web")
    }

    /// A first word that is a process type stands for that type's command.
    private func resolved(_ command: String, in release: SandboxRelease) -> String {
        let words = command.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard let type = words.first.map(String.init), let image = release.images[type] else { return command }
        let quoted = (image.entrypoint + image.command).map {
            "'" + $0.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
        }
        return ([quoted.joined(separator: " ")] + words.dropFirst().map(String.init)).joined(separator: " ")
    }

    private func awaitClient(_ run: DynoRun, _ secret: String) async {
        run.say("Awaiting client")
        do { try await pause(\.attachTimeout) } catch { return }
        guard attachments.removeValue(forKey: secret) != nil else { return }
        run.say("Error R13 (Attach error) -> Failed to attach to process")
        run.say("Process exited with status 128")
        oneOffEnded(run.dyno.id, of: run.app, state: .crashed)
    }

    /// The dyno that this secret opens; a secret opens once.
    func claim(_ secret: String) -> Attachment? { attachments.removeValue(forKey: secret) }

    func oneOffStarted(_ dynoID: String, of id: String) {
        _ = update(id) { $0.effects.oneOffProcesses += 1 }
        setState(.up, of: dynoID, id)
    }

    func oneOffEnded(_ dynoID: String, of id: String, state: Dyno.State) {
        ending.remove(dynoID)
        _ = update(id) { app in
            if behaviour.value.keepsEndedOneOffs, let index = app.dynos.firstIndex(where: { $0.id == dynoID }) {
                app.dynos[index].state = state
            } else {
                app.dynos.removeAll { $0.id == dynoID }
            }
        }
    }
}

extension DynoRun {
    /// A one-off whose output goes to the log alone.
    func runDetached(timeToLive: Duration) async {
        if await create() {
            let status = await withinLife(timeToLive) {
                await follow(started: { await platform.oneOffStarted(dyno.id, of: app) })
            }
            if let status { say("State changed from up to \(status == 0 ? "complete" : "crashed")") }
            await platform.docker.remove(dyno.container)
        }
        await platform.oneOffEnded(dyno.id, of: app, state: .down)
    }

    /// Kills the container of a dyno that lives longer than it may.
    func withinLife<Result: Sendable>(_ life: Duration, _ body: @Sendable @escaping () async -> Result?) async
        -> Result?
    {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await Task.sleep(for: life) } catch { return }
                await platform.docker.kill(dyno.container, signal: "KILL")
            }
            let result = await body()
            group.cancelAll()
            return result
        }
    }
}

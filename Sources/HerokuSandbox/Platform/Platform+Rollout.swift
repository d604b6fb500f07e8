import SlipwayBase

/// How new dynos take the place of old ones.
extension Platform {
    /// Starts a new dyno for each of the formation; the old ones end once the new have settled.
    /// - Parameter type: only the dynos of this type; nil: all.
    func replaceDynos(of id: String, type: String? = nil) {
        _ = update(id) { app in
            let old = app.dynos.filter { !$0.isOneOff && (type == nil || $0.type == type) }
            app.dynos.removeAll { dyno in old.contains { $0.id == dyno.id } }
            app.retired += old.map { SandboxApp.RetiredDyno(dyno: $0) }
        }
        for entry in apps[id]?.formation.values.sorted(by: { $0.type < $1.type }) ?? []
        where type == nil || entry.type == type {
            for number in 0..<entry.quantity { addDyno(of: entry, number: number + 1, id) }
        }
        finishRollout(of: id)
    }

    /// Starts or ends dynos until a type has as many as its quantity says.
    func fitDynos(of type: String, _ id: String) {
        guard let app = apps[id], let entry = app.formation[type] else { return }
        let running = app.dynos.filter { !$0.isOneOff && $0.type == type }
        let names = (0..<entry.quantity).map { "\(type).\($0 + 1)" }
        for dyno in running where !names.contains(dyno.name) {
            _ = update(id) { app in
                app.dynos.removeAll { $0.id == dyno.id }
                app.retired.append(SandboxApp.RetiredDyno(dyno: dyno))
            }
        }
        for (index, name) in names.enumerated() where !running.contains(where: { $0.name == name }) {
            addDyno(of: entry, number: index + 1, id)
        }
        finishRollout(of: id)
    }

    /// Replaces one dyno of the formation by a new one of the same name.
    func replaceDyno(_ dyno: Dyno, of id: String) {
        guard let entry = apps[id]?.formation[dyno.type], let number = Int(dyno.name.dropFirst(dyno.type.count + 1))
        else { return }
        _ = update(id) { app in
            app.dynos.removeAll { $0.id == dyno.id }
            app.retired.append(SandboxApp.RetiredDyno(dyno: dyno))
        }
        addDyno(of: entry, number: number, id)
        finishRollout(of: id)
    }

    /// Starts a dyno of the current release, if that has an image for its type.
    private func addDyno(of entry: FormationType, number: Int, _ id: String) {
        guard entry.type != "release", let app = apps[id], let release = app.current,
            let image = release.images[entry.type]
        else { return }
        let dyno = Dyno(
            name: "\(entry.type).\(number)", type: entry.type, isOneOff: false,
            command: entry.command ?? image.commandLine, size: entry.size, releaseID: release.id,
            version: release.version, port: FreePort.find())
        var container = container(for: dyno, image: image, release: release, of: app)
        if let command = entry.command {
            container.entrypoint = "/bin/sh"
            container.arguments = ["-c", command]
        }
        _ = update(id) { $0.dynos.append(dyno) }
        let run = DynoRun(dyno: dyno, app: id, container: container, log: app.log, platform: self)
        start { await run.runFormationDyno() }
    }

    /// Ends the replaced dynos, as soon as none of the new ones is starting any more.
    func finishRollout(of id: String) {
        guard let app = apps[id] else { return }
        for retired in app.retired where !retired.isStopping && !retired.isScheduled {
            let type = retired.dyno.type
            guard !app.dynos.contains(where: { !$0.isOneOff && $0.type == type && $0.state == .starting }) else {
                continue
            }
            let successors = app.dynos.contains { !$0.isOneOff && $0.type == type }
            if type == "web", app.hasPreboot, successors {
                _ = update(id) { app in
                    app.retired.mark(retired.dyno.id) { $0.isScheduled = true }
                }
                start {
                    // Ends early only with the sandbox.
                    try? await self.pause(\.prebootTime)
                    await self.stopRetired(retired.dyno.id, of: id)
                }
            } else {
                stopRetired(retired.dyno.id, of: id)
            }
        }
    }

    private func stopRetired(_ dynoID: String, of id: String) {
        let dyno = update(id) { app -> Dyno? in
            app.retired.mark(dynoID) { $0.isStopping = true }
            return app.retired.first { $0.dyno.id == dynoID }?.dyno
        }
        guard let dyno = dyno ?? nil, let log = apps[id]?.log else { return }
        log.append("heroku", dyno.name, "Stopping all processes with SIGTERM")
        stopContainer(of: dyno)
    }

    func stopContainer(of dyno: Dyno) {
        ending.insert(dyno.id)
        let docker = docker
        let grace = behaviour.value.stopGrace
        start { await docker.stop(dyno.container, grace: grace) }
    }

    /// Asked when a container has just been started: what was to stop it may have found nothing to stop.
    func isEnding(_ dynoID: String) -> Bool { ending.contains(dynoID) }

    // MARK: What a dyno's container tells

    func setState(_ state: Dyno.State, of dynoID: String, _ id: String) {
        guard state != .up || !ending.contains(dynoID) else { return }
        let change = update(id) { app -> (Dyno, Dyno.State)? in
            for index in app.dynos.indices where app.dynos[index].id == dynoID {
                let before = app.dynos[index].state
                app.dynos[index].state = state
                app.dynos[index].updatedAt = .now()
                return (app.dynos[index], before)
            }
            app.retired.mark(dynoID) { $0.dyno.state = state }
            return nil
        }
        if let (dyno, before) = change ?? nil, before != state {
            apps[id]?.log.append(
                "heroku", dyno.name, "State changed from \(before.rawValue) to \(state.rawValue)")
        }
        finishRollout(of: id)
    }

    /// A dyno of the formation is gone: one that was replaced is forgotten, another has crashed or was stopped.
    func formationDynoEnded(_ dynoID: String, of id: String) {
        ending.remove(dynoID)
        let wasRetired = update(id) { app in
            let count = app.retired.count
            app.retired.removeAll { $0.dyno.id == dynoID }
            return app.retired.count != count
        }
        guard wasRetired == false else { return }
        let isDown = apps[id]?.dynos.first { $0.id == dynoID }?.state == .down
        if !isDown { setState(.crashed, of: dynoID, id) }
    }
}

extension [SandboxApp.RetiredDyno] {
    fileprivate mutating func mark(_ id: String, _ change: (inout Element) -> Void) {
        for index in indices where self[index].dyno.id == id { change(&self[index]) }
    }
}

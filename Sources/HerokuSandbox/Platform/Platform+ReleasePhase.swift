import SlipwayBase

extension Platform {
    /// Runs the release image; the release's status follows some time after its end.
    func startReleasePhase(of release: SandboxRelease, _ id: String) {
        guard let image = release.images["release"], let output = release.output,
            let dyno = update(
                id,
                { app in
                    app.effects.releasePhases += 1
                    let dyno = Dyno(
                        name: "release.\(app.takeDynoNumber())", type: "release", isOneOff: true,
                        command: image.commandLine, size: "Basic", releaseID: release.id, version: release.version,
                        port: FreePort.find())
                    app.dynos.append(dyno)
                    return dyno
                }), let app = apps[id]
        else { return }
        let container = container(for: dyno, image: image, release: release, of: app)
        let run = DynoRun(dyno: dyno, app: id, container: container, log: app.log, platform: self)
        let limit = behaviour.value.releasePhaseTimeout
        app.log.append("app", "api", "Running release v\(release.version) commands by user \(settings.email)")
        start {
            let outcome = await run.runReleasePhase(output: output, within: limit)
            await self.releasePhaseEnded(release, outcome, of: id, run)
        }
    }

    private func releasePhaseEnded(
        _ release: SandboxRelease, _ outcome: DynoRun.PhaseOutcome, of id: String, _ run: DynoRun
    ) async {
        ending.remove(run.dyno.id)
        _ = update(id) { app in app.dynos.removeAll { $0.id == run.dyno.id } }
        if outcome == .timedOut {
            // Nothing is left that could be caught up later.
            run.say("Error: the release command ran longer than it may")
        }
        do { try await pause(\.pendingAfterOutput) } catch { return }
        let status: SandboxRelease.Status =
            switch outcome {
            case .exited(0): .succeeded
            case .exited: .failed
            case .timedOut: behaviour.value.timedOutReleaseExpires ? .expired : .failed
            }
        if status != .succeeded {
            apps[id]?.log.append(
                "app", "api", "Release v\(release.version) command failed by user \(settings.email)")
        }
        _ = update(id) { $0.isReleasing = false }
        settle(release, status, of: id)
        advanceReleases(of: id)
    }
}

extension DynoRun {
    enum PhaseOutcome: Sendable, Hashable {
        case exited(Int)
        case timedOut
    }

    func runReleasePhase(output: OutputChannel, within limit: Duration) async -> PhaseOutcome {
        defer { output.finish() }
        guard await create() else { return .exited(126) }
        let outcome = await withTaskGroup(of: PhaseOutcome?.self) { group in
            group.addTask {
                let status = await follow(
                    started: { await platform.setState(.up, of: dyno.id, app) }, output: { output.append($0) })
                return .exited(status ?? -1)
            }
            group.addTask {
                do { try await Task.sleep(for: limit) } catch { return nil }
                await platform.docker.kill(dyno.container, signal: "KILL")
                return .timedOut
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .exited(-1)
        }
        if case .exited = outcome { say("State changed from up to complete") }
        await platform.docker.remove(dyno.container)
        return outcome
    }
}

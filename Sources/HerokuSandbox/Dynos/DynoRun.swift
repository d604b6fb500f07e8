import SlipwayBase
import SlipwayNet

/// A dyno's container from its making to its removal.
struct DynoRun: Sendable {
    let dyno: Dyno
    /// The app's id.
    let app: String
    let container: ContainerSpec
    let log: AppLog
    let platform: Platform

    /// What is printed goes to the app's log line by line.
    private actor LineLog {
        private let log: AppLog
        private let dyno: String
        private var splitter = LineSplitter()

        init(log: AppLog, dyno: String) {
            self.log = log
            self.dyno = dyno
        }

        func write(_ bytes: [UInt8]) {
            for line in splitter.split(bytes) { log.append("app", dyno, line) }
        }

        func finish() {
            if let line = splitter.finish() { log.append("app", dyno, line) }
        }
    }

    func say(_ message: String) {
        log.append("heroku", dyno.name, message)
    }

    /// Makes the container; where that fails the log says why.
    func create() async -> Bool {
        do {
            try await platform.docker.create(container, label: platform.label)
            return true
        } catch {
            say("Error: the container could not be made: \(error)")
            return false
        }
    }

    /// Starts the container and follows it to its end, which the log tells.
    ///
    /// - Parameters:
    ///   - started: called once the process runs.
    ///   - output: gets what it prints, besides the log.
    /// - Returns: its exit status; nil if it could not be started, or the sandbox ends.
    func follow(started: @Sendable () async -> Void, output: @Sendable ([UInt8]) async -> Void = { _ in }) async -> Int?
    {
        say("Starting process with command `\(dyno.command)`")
        do {
            try await platform.docker.start(dyno.container)
            await started()
            if await platform.isEnding(dyno.id) { await platform.stopContainer(of: dyno) }
            let lines = LineLog(log: log, dyno: dyno.name)
            let status = try await platform.docker.follow(dyno.container) { bytes in
                await lines.write(bytes)
                await output(bytes)
            }
            await lines.finish()
            say("Process exited with status \(status)")
            return status
        } catch is CancellationError {
            return nil
        } catch {
            // As a shell says it of a command that it cannot run.
            say("Error: the process could not be started: \(error)")
            say("Process exited with status 126")
            return 126
        }
    }

    /// A dyno of the formation: up once it answers on its port, and not expected to end.
    func runFormationDyno() async {
        guard await create() else { return await platform.formationDynoEnded(dyno.id, of: app) }
        let (running, hasStarted) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in running { await waitUntilUp() }
            }
            _ = await follow(started: { hasStarted.yield() })
            hasStarted.finish()
            // The process has ended, so nobody will answer.
            group.cancelAll()
        }
        await platform.docker.remove(dyno.container)
        await platform.formationDynoEnded(dyno.id, of: app)
    }

    private func waitUntilUp() async {
        guard dyno.type == "web" else { return await platform.setState(.up, of: dyno.id, app) }
        let timeout = platform.behaviour.value.bootTimeout
        let deadline = ContinuousClock.now + timeout
        while ContinuousClock.now < deadline {
            if let stream = try? await Connector.connect(
                host: "127.0.0.1", port: dyno.port, tls: nil, deadline: .seconds(1))
            {
                await stream.close()
                return await platform.setState(.up, of: dyno.id, app)
            }
            do { try await Task.sleep(for: .milliseconds(50)) } catch { return }
        }
        say(
            "Error R10 (Boot timeout) -> Web process failed to bind to $PORT within "
                + "\(timeout.components.seconds) seconds of launch")
        say("Stopping process with SIGKILL")
        await platform.docker.kill(dyno.container, signal: "KILL")
    }
}

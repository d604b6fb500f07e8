import SlipwayBase
import SlipwayNet
import Synchronization

/// Where a client meets its one-off dyno: it sends the secret of the dyno's `attach_url`, gets the line `rendezvous`, and
/// from then on its bytes are the process's input and output. The connection ends with the process; no exit status is
/// told (docs/heroku.md, 3.2).
struct RendezvousServer: Sendable {
    let listener: Listener
    let platform: Platform

    init(settings: SandboxSettings, platform: Platform) throws {
        let tls = try TLSServerContext(certificates: [(certificate: settings.certificate, key: settings.key)])
        listener = try Listener(host: settings.host, port: settings.rendezvousPort, tls: tls)
        self.platform = platform
    }

    func run() async throws {
        try await listener.run { stream, _ in
            await serve(stream)
            await stream.close()
        }
    }

    private func serve(_ stream: ByteStream) async {
        guard let (attachment, rest) = await greet(stream) else { return }
        let run = attachment.run
        let life = LastActivity()
        if await run.create() {
            _ = await run.withinLife(attachment.timeToLive) { () -> Bool? in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await hangUpWhenIdle(run, life) }
                    await converse(attachment, stream, rest, life)
                    group.cancelAll()
                }
                return true
            }
            await platform.docker.remove(run.dyno.container)
        }
        await platform.oneOffEnded(run.dyno.id, of: run.app, state: .down)
    }

    /// - Returns: the dyno whose secret came, and what came after it.
    private func greet(_ stream: ByteStream) async -> (Attachment, [UInt8])? {
        var received: [UInt8] = []
        do {
            while received.count < 512, let bytes = try await stream.read() {
                received += bytes
                let end = received.firstIndex(of: UInt8(ascii: "\n"))
                // Some clients send no line end at all.
                guard end != nil || received.count >= 36 else { continue }
                let line = received[..<(end ?? received.endIndex)].filter { $0 != UInt8(ascii: "\r") }
                guard let attachment = await platform.claim(String(decoding: line, as: UTF8.self)) else { return nil }
                try await stream.write(Array("rendezvous\r\n".utf8))
                return (attachment, end.map { Array(received[($0 + 1)...]) } ?? [])
            }
        } catch {
            // Gone before it said what it wants: its dyno goes on waiting.
        }
        return nil
    }

    private func converse(
        _ attachment: Attachment, _ stream: ByteStream, _ rest: [UInt8], _ life: LastActivity
    ) async {
        let run = attachment.run
        let terminal = Terminal(isPresent: attachment.hasTerminal)
        run.say("Starting process with command `\(run.dyno.command)`")
        await platform.oneOffStarted(run.dyno.id, of: run.app)
        var status: Int?
        do {
            status = try await platform.docker.converse(["start", "--attach", "--interactive", run.dyno.container]) {
                write in
                var next: [UInt8]? = rest
                while let bytes = next {
                    life.touch()
                    for key in terminal.pressed(bytes) {
                        switch key {
                        case .bytes(let text):
                            let echo = terminal.echo(text)
                            if !echo.isEmpty { try await stream.write(echo) }
                            try await write(text)
                        case .endOfFile: return try await waitForHangUp(stream, run, life)
                        case .signal(let name): await platform.docker.kill(run.dyno.container, signal: name)
                        }
                    }
                    next = try await stream.read()
                }
                await hangUp(run)
            } _: { bytes in
                life.touch()
                try await stream.write(terminal.printed(bytes))
            }
        } catch is CancellationError {
            return
        } catch {
            await hangUp(run)
            status = try? await Int(platform.docker.run(["wait", run.dyno.container]))
        }
        run.say("Process exited with status \(status ?? -1)")
        run.say("State changed from up to \(status == 0 ? "complete" : "crashed")")
    }

    /// After the end of its input the process still writes; a client that leaves meanwhile ends it.
    private func waitForHangUp(_ stream: ByteStream, _ run: DynoRun, _ life: LastActivity) async throws {
        let platform = platform
        platform.start {
            do {
                while try await stream.read() != nil { life.touch() }
                await hangUp(run)
            } catch {
                // Closed by us, at the end of the process.
            }
        }
    }

    private func hangUp(_ run: DynoRun) async {
        run.say("Client connection closed. Sending SIGHUP to all processes")
        await platform.docker.kill(run.dyno.container, signal: "HUP")
    }

    private func hangUpWhenIdle(_ run: DynoRun, _ life: LastActivity) async {
        let limit = platform.behaviour.value.attachIdleTimeout
        while !Task.isCancelled {
            let left = limit - life.age
            guard left > .zero else {
                run.say("Idle connection timed out")
                return await hangUp(run)
            }
            do { try await Task.sleep(for: left) } catch { return }
        }
    }
}

/// When a byte last went either way.
final class LastActivity: Sendable {
    /// Written by both directions.
    private let moment = Mutex(ContinuousClock.now)

    func touch() { moment.withLock { $0 = .now } }
    var age: Duration { moment.withLock { .now - $0 } }
}

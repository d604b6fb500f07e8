import SlipwayBase
import SlipwayDeploy
import SlipwayNet

extension OneOff {
    /// Live output and the exit code through the rendezvous.
    func attached() async throws -> End {
        let dyno: DynoResource
        do {
            dyno = try await api.runDyno(request(attach: true), of: app)
        } catch let error as HerokuError where !error.hadNoEffect {
            if let lost = try? await find() { await stop(lost.name) }
            throw StepFailure(
                "\(error.cause) while starting the migration's dyno in \(app): if it was started it has run nothing, "
                    + "because nobody attached to it; the new release is live without the migration: deploy again")
        }
        await context.log.line("dyno \(dyno.name) of \(app) runs the migration")
        guard let url = dyno.attachUrl else {
            // Perhaps it runs all the same: its log will tell.
            try await follows(dyno.name)
            return try await limited(dyno.name) { try await followLog(of: dyno.name, from: nil) }
        }
        await context.log.hide(Secret(url))
        guard let rendezvous = Rendezvous(url) else {
            await stop(dyno.name)
            return .neverAttached("Heroku offers another way than a rendezvous")
        }
        await context.log.hide(Secret(rendezvous.secret))
        // What is spoken there is TLS in any case.
        guard api.follows(host: rendezvous.host, port: rendezvous.port, isSecure: true) else {
            await stop(dyno.name)
            return .neverAttached(
                "Heroku names \(rendezvous.host.singleLine(limit: 200)) to attach to it, which is not a host of its own"
            )
        }
        return try await limited(dyno.name) {
            let stream: ByteStream
            switch try await connect(rendezvous) {
            case .success(let connected):
                stream = connected
                try await follows(dyno.name)
            case .failure(let failure):
                await stop(dyno.name)
                return .neverAttached(failure.reason)
            }
            let end = try await converse(stream, rendezvous, dyno.name)
            await stream.close()
            guard case .unknown(let reason, _) = end else { return end }
            return try await loggedEnd(of: dyno.name, after: reason)
        }
    }

    /// Of a command that has not said its exit status to whoever was attached: it never began, because the image cannot run
    /// it, or the connection was lost. What the platform says of the dyno decides then, unless it was ended by a signal, as
    /// one is whose client is gone.
    private func loggedEnd(of dyno: String, after reason: String) async throws -> End {
        await context.log.line("\(reason); learning from the app's log how the migration in \(dyno) ended")
        switch try await followLog(of: dyno, from: nil) {
        case .exited(let code, _) where code > 128:
            return .unknown("\(reason), and the app's log says that it exited with status \(code)", dyno: dyno)
        case .unknown: return .unknown(reason, dyno: dyno)
        case let end: return end
        }
    }

    private struct NoConnection: Error {
        var reason: String
    }

    /// Tries as long as the dyno waits; a firewall may block the port (T7).
    private func connect(_ rendezvous: Rendezvous) async throws -> Result<ByteStream, NoConnection> {
        let limits = platform.limits
        let watch = Stopwatch(platform.clock)
        var pauses = Pauses(first: limits.pause, factor: 2, longest: limits.longestPoll)
        var handshakes = 0
        while true {
            do {
                return .success(try await rendezvous.connect(platform.tls, deadline: limits.connectTime))
            } catch ConnectError.cancelled {
                throw CancellationError()
            } catch {
                // A certificate that is not trusted will not be a moment later; a handshake that broke off may.
                if case ConnectError.tls = error { handshakes += 1 }
                guard watch.elapsed < limits.attachTime, handshakes < 2 else {
                    return .failure(NoConnection(reason: "\(error)"))
                }
                await context.log.line("\(error); trying again")
                try await platform.clock.sleep(for: pauses.take())
            }
        }
    }

    /// Hanging up on the shell that has just said the exit code would end it by a signal, and Heroku's own record of
    /// the dyno would differ from ours.
    private func waitForEnd(of stream: ByteStream) async {
        _ = try? await withTimeLimit(platform.limits.hangUpGrace, on: platform.clock) {
            while try await stream.read() != nil {}
        }
    }

    /// From the secret on the command may run.
    private func converse(_ stream: ByteStream, _ rendezvous: Rendezvous, _ dyno: String) async throws -> End {
        var prologue = RendezvousPrologue()
        var scanner = ExitMarkerScanner(marker)
        let watch = Stopwatch(platform.clock)
        var reason = "the connection to the dyno ended without its exit status"
        do {
            try await stream.write(rendezvous.greeting)
            while let chunk = try await stream.read() {
                let output = scanner.take(prologue.take(chunk))
                if !output.isEmpty { await context.log.write(output) }
                if let code = scanner.exitCode {
                    await context.log.flush()
                    await waitForEnd(of: stream)
                    return .exited(code, dyno: dyno)
                }
            }
        } catch is CancellationError {
            await stream.close()
            throw CancellationError()
        } catch {
            reason = "the connection to the dyno broke: \(error)"
        }
        await context.log.write(scanner.finish())
        await context.log.flush()
        if watch.elapsed >= .seconds(3600) {
            reason += "; Heroku cuts a connection on which nothing is said for an hour, so let the migration print"
        }
        return .unknown(reason, dyno: dyno)
    }
}

import ArgumentParser
import Foundation

/// `slipway demo`: the whole job on this machine, on real parts and a stand-in for Heroku's platform.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run the whole job on this machine and leave the dashboard open.",
        discussion: """
            A sample repository, a real image built by the local Docker engine, a real registry, a local stand-in for \
            Heroku's platform, and one signed push. Needs the services of scripts/with-parts; `make demo` starts both. \
            Ctrl-C ends it, and everything it made is removed.
            """)

    @Flag(help: "Stop when the job has ended, with its result as the exit code.")
    var once = false

    @Option(help: "The dashboard's port on 127.0.0.1; 0: any free one.")
    var port = 0

    func run() async throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port is a number from 0 to 65535") }
        ProcessSettings.ignoreBrokenPipes()
        let signals = Signals([.interrupt, .terminate])
        let demo: Demo
        do throws(DemoSettings.Missing) {
            demo = try Demo(settings: DemoSettings(), port: port, isOnce: once)
        } catch {
            Terminal.printError("demo: \(error.message)")
            throw ExitStatus.usage
        }
        let work = Task { await demo.run() }
        let stop = Task {
            // The demo removes what it made when it is cancelled.
            for await _ in signals.received { work.cancel() }
        }
        let code = await work.value
        stop.cancel()
        throw code
    }
}

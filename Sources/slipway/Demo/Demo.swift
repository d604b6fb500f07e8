import ArgumentParser
import Foundation
import SlipwayBase
import SlipwayDeploy
import SlipwayHTTP
import SlipwayNet

/// One run of the demo, from an empty folder to a commit that answers, and back to nothing.
actor Demo {
    static let herokuApp = "slipway-demo-hello"
    static let repository = "octocat/hello"

    let port: Int
    let settings: DemoSettings
    let folder: String
    let webhookSecret = Secret(SecureRandom.bytes(16).hex)
    let token = Secret(SecureRandom.bytes(16).hex)
    let client: HTTPClient
    let began = ContinuousClock.now
    private let isOnce: Bool
    /// Told by each child that ends.
    nonisolated let childEnds: AsyncStream<String>.Continuation
    private let ended: AsyncStream<String>
    private(set) var children: [ChildProcess] = []
    private(set) var commit = ""

    /// - Parameter port: of the dashboard; 0: any free one.
    init(settings: DemoSettings, port: Int, isOnce: Bool) throws(DemoSettings.Missing) {
        (ended, childEnds) = AsyncStream.makeStream(of: String.self)
        self.settings = settings
        self.port = port
        self.isOnce = isOnce
        folder =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("slipway-demo-" + SecureRandom.bytes(6).hex).path
        do {
            client = HTTPClient(tls: try TLSClientContext())
        } catch {
            throw DemoSettings.Missing(message: "TLS cannot be set up: \(error)")
        }
    }

    /// Why the demo stopped, in words.
    struct Failure: Error {
        let reason: String
    }

    /// - Returns: how the program ends.
    func run() async -> ExitCode {
        let code: ExitCode
        do {
            code = try await steps()
        } catch let failure as Failure {
            code = ExitStatus.failed
            Terminal.printError("demo: \(failure.reason)")
        } catch is CancellationError {
            code = ExitStatus.interrupted
        } catch {
            code = ExitStatus.failed
            Terminal.printError("demo: \(error)")
        }
        await cleanUp()
        return code
    }

    private func steps() async throws -> ExitCode {
        try makeFolder()
        try await checkEngine()
        try await makeBaseImage()
        commit = try await makeRepository()
        try say("sample repository, commit \(commit.prefix(12))")
        let sandbox = try await startSandbox()
        try say("stand-in for Heroku's platform at \(sandbox)")
        let server = try await startServer(sandbox: sandbox)
        try say("slipway serve at \(server)")
        let app = try await appURL(sandbox: sandbox)
        try writeVariables(server: server, app: app)
        let job = try await push(to: server)
        try say("signed push delivered: job \(job)")
        let result = try await follow(job, at: server)
        guard result.state == "succeeded" else {
            Terminal.printError("demo: job \(job) \(result.state): \(result.reason ?? "no reason given")")
            return try await stay(server, job, ExitStatus.failed)
        }
        try await showLive(at: app)
        return try await stay(server, job, .success)
    }

    /// What the walk-through in the README needs, for a shell to read.
    private func writeVariables(server: String, app: String) throws {
        let text = """
            export SLIPWAY_URL=\(server) SLIPWAY_TOKEN=\(token.revealed)
            export SLIPWAY_WEBHOOK_SECRET=\(webhookSecret.revealed)
            export DEMO_SOURCES='\(folder)/hello' DEMO_APP=\(app)
            slipway() { '\(Share.executable)' "$@"; }

            """
        let isWritten = FileManager.default.createFile(
            atPath: variables, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten else { throw Failure(reason: "cannot write \(variables)") }
    }

    private var variables: String { folder + "/env" }

    /// Leaves the dashboard open until somebody stops the demo, which is then done, with the job's result.
    private func stay(_ server: String, _ job: Int, _ code: ExitCode) async throws -> ExitCode {
        guard !isOnce else { return code }
        try Terminal.print(
            """

              dashboard  \(server)/
              token      \(token.revealed)
              job page   \(server)/jobs/\(job)
              redeploy   curl -X POST -H "Authorization: Bearer \(token.revealed)" \\
                           "\(server)/deploy/hello/production?wait=1"
              by hand    . \(variables) (then as in README.md, “By hand”)
              stop       Ctrl-C; everything the demo made is removed
            """)
        // Until a child ends unasked, or this task is cancelled, which ends the stream.
        for await end in ended { throw Failure(reason: end) }
        return code
    }

    func add(_ child: ChildProcess) { children.append(child) }

    /// A step that is done, with the time since the demo began.
    func say(_ text: String) throws {
        try Terminal.print("\(seconds(ContinuousClock.now - began))  \(text)")
    }

    func seconds(_ duration: Duration) -> String {
        let tenths = Int((duration / .milliseconds(100)).rounded())
        let text = "\(tenths / 10).\(tenths % 10) s"
        return String(repeating: " ", count: max(0, 7 - text.count)) + text
    }

    private func makeFolder() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    /// In the opposite order of the start, also after a cancellation: hence a task of its own.
    private func cleanUp() async {
        await Task { [children, folder, commit, settings] in
            for child in children.reversed() { await child.stop(within: .seconds(20)) }
            await Self.removeImages(of: commit, settings)
            try? FileManager.default.removeItem(atPath: folder)
        }.value
    }
}

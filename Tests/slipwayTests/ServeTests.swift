import Foundation
import SlipwayBase
import SlipwayDeploy
import SlipwayHTTP
import TestSupport
import Testing

@testable import slipway

/// The real server as a process: what it answers, and how it starts, reloads and stops.
@Suite(.endsIfItHangs) struct ServeTests {
    private let push = """
        {"ref": "refs/heads/main", "after": "48141bb1d1c2ef8d7a1d7a6b5a1e5b8a3a0a9b1c", "deleted": false,
         "repository": {"id": 1, "full_name": "Codertocat/Hello-World"},
         "head_commit": {"id": "48141bb1d1c2ef8d7a1d7a6b5a1e5b8a3a0a9b1c", "message": "Say hello"},
         "pusher": {"name": "Codertocat"}}
        """

    @Test func `takes deliveries, shows what became of them, and stops on SIGTERM`() async throws {
        let server = try await RunningServer()
        #expect(try await server.get("/healthz", token: nil) == (200, "ok\n"))
        #expect(try await server.get("/status", token: nil).status == 401)
        let status = try await server.get("/status")
        #expect(status.status == 200)
        #expect(status.text.contains("\"version\":\"0.1.0\""))

        let ping = try await server.deliver("ping", #"{"zen": "Design for failure."}"#)
        #expect(ping.status == 200 && ping.text.contains("pong"))
        #expect(try await server.deliver("push", push, secret: "another secret").status == 403)
        let pushed = try await server.deliver("push", push)
        #expect(pushed.status == 202 && pushed.text.contains("\"queued\""))

        // Its repository does not exist: the job fails, and says so.
        let job = try await eventually("the job's end") {
            let answer = try await server.get("/jobs/1")
            let job = try JSONDecoder().decode(JobAnswer.self, from: Data(answer.text.utf8))
            return job.finished_at == nil ? nil : job
        }
        #expect(job.state == "failed" && job.reason?.isEmpty == false)
        #expect(job.steps.first?.name == "checkout" && job.steps.first?.state == "failed")

        server.process.send(SIGTERM)
        #expect(try await server.ended() == "serve ended with exited(0)")
        #expect(server.lines.value.last?.hasSuffix(" level=notice msg=stopped") == true)
        #expect(!server.lines.value.contains { $0.contains(" level=debug ") })
        for secret in [RunningServer.secret, RunningServer.token, "key-of-the-tests"] {
            #expect(!server.lines.value.contains { $0.contains(secret) })
        }
    }

    @Test func `at the level debug each request has a line, without its query`() async throws {
        let server = try await RunningServer(options: ["--log-level", "debug"])
        #expect(try await server.get("/jobs?app=what-nobody-else-reads").status == 200)
        let line = try await server.line(containing: " msg=request ")
        #expect(line.hasSuffix(" level=debug msg=request address=127.0.0.1 method=GET path=/jobs status=200"))
        // At hand, so that no task answers it.
        #expect(try await server.get("/healthz").status == 200)
        _ = try await server.line(containing: " path=/healthz ")
        #expect(!server.lines.value.contains { $0.contains("what-nobody-else-reads") })
    }

    @Test func `SIGHUP takes a good file and refuses a bad one`() async throws {
        let server = try await RunningServer()
        try server.folder.write(
            RunningServer.configuration().replacing("hello:", with: "hallo:").replacing("tests,", with: "tests,,"),
            to: "slipway.yml")
        server.process.send(SIGHUP)
        _ = try await server.line(containing: "configuration refused; the old one stays")
        #expect(try await server.get("/status").text.contains("\"name\":\"hello\""))

        try server.folder.write(
            RunningServer.configuration().replacing("  hello:", with: "  hallo:").replacing(
                "data: data", with: "data: d2"),
            to: "slipway.yml")
        server.process.send(SIGHUP)
        _ = try await server.line(containing: "restart to change server.data")
        #expect(try await server.get("/status").text.contains("\"name\":\"hallo\""))

        server.process.send(SIGINT)
        #expect(try await server.ended() == "serve ended with exited(0)")
    }

    @Test(.endsIfItHangs) func `SIGHUP without a token ends the streams that it had opened`() async throws {
        let server = try await RunningServer()
        let headers: HTTPHeaders = ["Authorization": "Bearer \(RunningServer.token)"]
        let events = try await server.open(HTTPClientRequest(.get, server.address + "/events", headers: headers))
        #expect(events.status == .ok)
        try server.folder.write(
            RunningServer.configuration().replacing("\"${TOKEN}\"", with: "another-token-of-the-tests"),
            to: "slipway.yml")
        server.process.send(SIGHUP)
        _ = try await server.line(containing: "configuration read again")
        #expect(try await !events.text.contains("event:"))
        #expect(try await server.get("/status").status == 401)
        #expect(try await server.get("/status", token: "another-token-of-the-tests").status == 200)
        server.process.send(SIGINT)
        _ = try await server.ended()
    }

    /// Two apps whose checkouts go on until they are stopped.
    private func stuck(_ host: SilentHost, jobs: Int) -> String {
        let url = "https://127.0.0.1:\(host.port)/app.git"
        return RunningServer.configuration(jobs: jobs).replacing("file:///nowhere/at/all", with: url) + """
              other:
                repository: Codertocat/Other
                clone_url: \(url)
                targets:
                  production: {heroku: other-production, when: {push: ["**"]}}

            """
    }

    @Test func `SIGHUP with more slots takes the next job at once`() async throws {
        let host = try SilentHost()
        let server = try await RunningServer(stuck(host, jobs: 1))
        #expect(try await server.deliver("push", push).status == 202)
        #expect(try await server.deliver("push", push.replacing("Hello-World", with: "Other")).status == 202)
        try await server.wait(for: "running", of: 1)
        #expect(try await server.state(of: 2) == "queued")
        try server.folder.write(stuck(host, jobs: 2), to: "slipway.yml")
        server.process.send(SIGHUP)
        try await server.wait(for: "running", of: 2)
        server.process.send(SIGTERM)
        #expect(try await server.ended() == "serve ended with exited(0)")
    }

    @Test func `those who follow are told the end when the server stops`() async throws {
        let host = try SilentHost()
        let server = try await RunningServer(stuck(host, jobs: 1))
        #expect(try await server.deliver("push", push).status == 202)
        try await server.wait(for: "running", of: 1)
        let token = ["Authorization": "Bearer \(RunningServer.token)"] as HTTPHeaders
        let events = try await server.open(HTTPClientRequest(.get, server.address + "/events", headers: token))
        let log = try await server.open(
            HTTPClientRequest(.get, server.address + "/jobs/1/log?follow=1", headers: token))
        server.process.send(SIGTERM)
        // A stream that is cut off, as it would be when the time for open requests is over, throws.
        #expect(try await events.text.hasPrefix("retry: "))
        #expect(try await log.text.hasPrefix("slipway: Fetching "))
        #expect(try await server.ended() == "serve ended with exited(0)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: server.folder.path + "/data/logs") == ["1"])
    }

    @Test func `a server that a program starts stops with that program`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(RunningServer.configuration(), to: "slipway.yml")
        let command = Command(
            "/bin/sh", ["-c", #": | "$0" serve --config "$1" --stop-with-input"#, Program.path, file],
            environment: RunningServer.environment)
        let result = try await CommandRunner().collect(command, within: nil)
        #expect(result.succeeded)
        #expect(result.lastWords.contains(" level=notice msg=stopped"))
    }

    @Test func `a data folder in use is refused`() async throws {
        let server = try await RunningServer()
        let second = try await Program.run(
            ["serve", "--config", server.folder.path + "/slipway.yml"], environment: RunningServer.environment)
        #expect(second.code == 1)
        #expect(second.error.contains("is in use by process"))
        await server.process.stop(within: .seconds(600))
    }

    @Test func `check sees the database of a running server, and a newer one`() async throws {
        let server = try await RunningServer()
        let file = server.folder.path + "/data/slipway.db"
        #expect(DatabaseFile(path: file).version == DatabaseFile.knownVersion)
        await server.process.stop(within: .seconds(600))
        #expect(DatabaseFile(path: file).version == DatabaseFile.knownVersion)

        // A file of its own: what the server left in the write-ahead log would count before a changed header.
        for name in ["slipway.db", "slipway.db-wal", "slipway.db-shm"] {
            try? FileManager.default.removeItem(atPath: server.folder.path + "/data/" + name)
        }
        var header = [UInt8](repeating: 0, count: 4096)
        header.replaceSubrange(0..<16, with: Array("SQLite format 3\0".utf8))
        header[62] = 1
        try Data(header).write(to: URL(fileURLWithPath: file))
        let check = try await Program.run(
            ["check", "--config", server.folder.path + "/slipway.yml"], environment: RunningServer.environment)
        #expect(check.output.contains("error    database: \(file) has version 256, this slipway knows versions up to"))
    }
}

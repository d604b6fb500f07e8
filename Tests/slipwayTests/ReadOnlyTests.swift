import Foundation
import SlipwayBase
import SlipwayDeploy
import SlipwayHTTP
import TestSupport
import Testing

@testable import slipway

/// A data folder whose file system is read-only: at the start, and from some moment on.
@Suite(.endsIfItHangs) struct ReadOnlyTests {
    private static func push(_ number: Int) -> String {
        let commit = String(repeating: "0", count: 37) + String(100 + number)
        return """
            {"ref": "refs/heads/b\(number)", "after": "\(commit)", "deleted": false,
             "repository": {"id": 1, "full_name": "Codertocat/Hello-World"},
             "head_commit": {"id": "\(commit)", "message": "Say hello"}}
            """
    }

    /// What `mount` is told, and what `serve` says of it.
    private static let mounts = [
        (
            "mount -t tmpfs -o mode=700 tmpfs data && mount -o remount,bind,ro data",
            "data/lock: Read-only file system"
        ),
        (
            "mkdir -p data && touch data/slipway.db && mount --bind data/slipway.db data/slipway.db"
                + " && mount -o remount,bind,ro data/slipway.db",
            "data/slipway.db: Read-only file system"
        ),
    ]

    @Test(arguments: mounts) func `does not start, and says so`(_ mount: String, _ words: String) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(RunningServer.configuration(), to: "slipway.yml")
        try FileManager.default.createDirectory(
            atPath: folder.path + "/data", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let namespace = ["--mount"] + (getuid() == 0 ? [] : ["--user", "--map-root-user"])
        let script = "cd \"$0\" && \(mount) && exec \"$@\""
        let result = try await CommandRunner().collect(
            Command(
                "/usr/bin/unshare",
                namespace + ["/bin/sh", "-c", script, folder.path, Program.path, "serve", "--config", file],
                environment: RunningServer.environment))
        print("serve on a read-only file system: \(result.exit), \(result.lastWords)")
        guard case .code(1) = result.exit else { throw Unexpected(what: "\(result.exit): \(result.lastWords)") }
        #expect(result.lastWords.contains("slipway: cannot open "))
        #expect(result.lastWords.contains(words))
    }

    /// No file system with open files can be made read-only but by its own errors, so the kernel's answers are given by
    /// strace.
    @Test func `deliveries are refused while nothing can be written, and taken again after it`() async throws {
        let server = try await RunningServer()
        #expect(try await server.post("/pause") == 200)
        #expect(try await server.deliver("push", Self.push(1)).status == 202)

        let strace = Command(
            "strace",
            [
                "--follow-forks", "--attach=\(server.process.pid.value)", "--output=/dev/null",
                "--trace=write,pwrite64,ftruncate,fallocate", "--inject=write,pwrite64,ftruncate,fallocate:error=EROFS",
            ]
                + ["slipway.db", "slipway.db-wal", "deliveries/000001.bodies"].map {
                    "--trace-path=\(server.folder.path)/data/\($0)"
                }, environment: ["PATH": "/usr/bin:/bin"])
        let readOnly = Task { try await CommandRunner().collect(strace) }
        var stored = 1
        let refusal = try await eventually("a refusal") {
            let answer = try await server.deliver("push", Self.push(stored + 1))
            if answer.status == 202 { stored += 1 }
            return answer.status == 202 ? nil : answer
        }
        #expect(refusal.status == 503)
        #expect(refusal.text.contains("redeliver it later"))
        #expect(try await server.get("/healthz", token: nil).status == 200)
        let ready = try await server.get("/readyz", token: nil)
        #expect(ready.status == 503)
        #expect(ready.text.contains("nothing can be stored now"))
        let status = try await server.get("/status")
        #expect(status.status == 200)
        #expect(status.text.contains("\"queued_count\":\(stored)"), "\(status.text.prefix(400))")
        let line = try await server.line(containing: "cannot be stored")
        print("read-only while it serves: \(refusal.status) \(refusal.text); /readyz: \(ready); log: \(line)")

        readOnly.cancel()
        _ = await readOnly.result
        #expect(try await server.get("/readyz", token: nil).status == 200)
        let answer = try await server.deliver("push", Self.push(stored + 1))
        #expect(answer.status == 202, "\(answer.text)")
        #expect(try await server.get("/status").text.contains("\"queued_count\":\(stored + 1)"))
        server.process.send(SIGTERM)
        #expect(try await server.ended() == "serve ended with exited(0)")
    }
}

import Foundation
import SlipwayHTTP
import TestSupport
import Testing

@testable import slipway

/// A data folder that is full: what cannot be stored is refused, and the server goes on.
@Suite(.endsIfItHangs) struct FullDiskTests {
    @Test func `deliveries that find no room are refused, all others are kept, and the window stays open`() async throws
    {
        // A small file system of the server's own, seen by nobody else.
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/data", withIntermediateDirectories: true)
        let namespace = ["/usr/bin/unshare", "--mount"] + (getuid() == 0 ? [] : ["--user", "--map-root-user"])
        let mount = "mount -t tmpfs -o size=4m tmpfs \(folder.path)/data && exec \"$@\""
        let server = try await RunningServer(in: folder, launcher: namespace + ["/bin/sh", "-c", mount, "sh"])
        let paused = try await server.open(
            HTTPClientRequest(
                .post, server.address + "/pause", headers: ["Authorization": "Bearer \(RunningServer.token)"]))
        #expect(paused.status == .ok)

        let padding = String(repeating: "x", count: 100_000)
        var stored = 0
        var refusal: (status: Int, text: String)?
        while refusal == nil, stored < 100 {
            let commit = String(repeating: "0", count: 37) + String(100 + stored)
            let answer = try await server.deliver(
                "push",
                """
                {"ref": "refs/heads/b\(stored)", "after": "\(commit)", "deleted": false, "padding": "\(padding)",
                 "repository": {"id": 1, "full_name": "Codertocat/Hello-World"},
                 "head_commit": {"id": "\(commit)", "message": "Say hello"}}
                """)
            if answer.status == 202 { stored += 1 } else { refusal = answer }
        }
        #expect(refusal?.status == 503, "\(refusal?.text ?? "never refused")")
        #expect(stored > 10)
        #expect(try await server.get("/healthz", token: nil).status == 200)
        let status = try await server.get("/status")
        #expect(status.status == 200)
        #expect(status.text.contains("\"queued_count\":\(stored)"), "\(status.text.prefix(400))")
        // A small one may still find room; either way it gets a clear answer.
        let ping = try await server.deliver("ping", "{}")
        #expect([200, 503].contains(ping.status))
        server.process.send(SIGTERM)
        #expect(try await server.ended() == "serve ended with exited(0)")
    }
}

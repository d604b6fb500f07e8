import Foundation
import SlipwayBase
import SlipwayDeploy
import TestSupport
import Testing

@testable import slipway

/// A kill shows nothing of a loss of power: that the disk had it before the client heard so is seen in the system calls.
struct DurabilityTests {
    @Test func `body and job are on disk before the 202 leaves`() async throws {
        let server = try await RunningServer()
        let trace = server.folder.path + "/trace"
        let strace = Command(
            "strace",
            [
                "--follow-forks", "--attach=\(server.process.pid.value)", "--output=\(trace)", "--decode-fds=path",
                "--trace=fdatasync,fsync,sendto", "--string-limit=20",
            ], environment: ["PATH": "/usr/bin:/bin"])
        let tracing = Task { try await CommandRunner().collect(strace) }
        func lines() -> [Substring] {
            ((try? String(contentsOfFile: trace, encoding: .utf8)) ?? "").split(separator: "\n")
        }
        // It is attached once it sees an answer.
        try await waitUntil("the tracer") {
            _ = try await server.get("/healthz")
            return lines().contains { $0.contains("HTTP/1.1 200") }
        }
        let before = lines().count
        let answer = try await server.deliver(
            "push",
            """
            {"ref": "refs/heads/main", "after": "48141bb1d1c2ef8d7a1d7a6b5a1e5b8a3a0a9b1c", "deleted": false,
             "repository": {"id": 1, "full_name": "Codertocat/Hello-World"},
             "head_commit": {"id": "48141bb1d1c2ef8d7a1d7a6b5a1e5b8a3a0a9b1c", "message": "Say hello"}}
            """)
        #expect(answer.status == 202)
        let seen = try await eventually("the answer's trace") {
            let seen = lines().dropFirst(before)
            return seen.firstIndex { $0.contains("HTTP/1.1 202") }.map { seen[..<$0] }
        }
        tracing.cancel()
        _ = await tracing.result
        let synced = seen.filter { $0.contains("sync(") && $0.contains("= 0") || $0.contains("sync resumed>") }
        #expect(synced.count >= 2, "\(seen.joined(separator: "\n"))")
        #expect(seen.contains { $0.contains("sync(") && $0.contains("/deliveries/") })
        #expect(seen.contains { $0.contains("sync(") && $0.contains("slipway.db-wal") })
    }
}

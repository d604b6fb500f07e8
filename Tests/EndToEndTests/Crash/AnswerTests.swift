import Foundation
import TestSupport
import Testing

/// What the server has said yes to, and was killed at once: it is so after the next start.
@Suite(.endsIfItHangs)
struct AnswerTests {
    /// Requests in an order in which each is accepted, and what then is to be seen.
    private static let requests: [(path: String, isSo: @Sendable (Stage.Status) -> Bool)] = [
        ("/lock/hello/phase?reason=a+test", { $0.isLocked }),
        ("/unlock/hello/phase", { !$0.isLocked }),
        ("/pause/hello/phase", { $0.isPaused }),
        ("/resume/hello/phase", { !$0.isPaused }),
        ("/pause", { $0.isQueuePaused }),
        ("/resume", { !$0.isQueuePaused }),
    ]

    @Test func `what was answered is so after a kill`() async throws {
        try await Stage.with { stage in
            for (path, isSo) in Self.requests {
                _ = try await stage.post(path)
                try await stage.restart()
                #expect(isSo(try await stage.status(of: "phase")), "\(path)")
            }
            for path in ["/deploy/hello/phase?fresh=1", "/rollback/hello/phase"] {
                let job = try await stage.post(path)
                try await stage.restart()
                #expect(try await stage.yard.finish(job).state == "succeeded", "\(path)")
            }
        }
    }

    @Test func `a job that waits and is cancelled stays so after a kill`() async throws {
        try await Stage.with { stage in
            _ = try await stage.post("/pause")
            try await stage.commit(to: "phase")
            let job = try await stage.push("phase")
            _ = try await stage.post("/jobs/\(job)/cancel")
            try await stage.restart()
            _ = try await stage.post("/resume")
            #expect(try await stage.yard.finish(job).state == "cancelled")
        }
    }

    @Test func `a running job that is cancelled stays so after a kill`() async throws {
        try await Stage.with { stage in
            try await stage.commit(to: "phase", test: "sleep 60")
            let job = try await stage.push("phase")
            try await stage.see { $0.contains { $0.id == job && $0.has("test", "running") } }
            _ = try await stage.post("/jobs/\(job)/cancel")
            try await stage.restart()
            #expect(try await stage.yard.finish(job).state == "cancelled")
        }
    }
}

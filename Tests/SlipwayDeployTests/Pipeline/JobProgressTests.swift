import SlipwayCore
import Testing

@testable import SlipwayDeploy

struct JobProgressTests {
    private static let early: [Step.Name] = [.checkout, .test, .build, .push]

    @Test(arguments: early)
    func `a job stops before its release, for whoever says so first`(step: Step.Name) throws {
        let progress = JobProgress()
        try progress.enter(step)
        #expect(progress.isSupersedable && progress.supersede(by: 7))
        #expect(!progress.supersede(by: 8))
        #expect(progress.cancel(by: "ana") == nil)
        #expect(progress.stop == .superseded(by: 7))
        #expect(throws: CancellationError.self) { try progress.enter(.release) }

        let cancelled = JobProgress()
        try cancelled.enter(step)
        #expect(cancelled.cancel(by: "ana") == nil && cancelled.cancel(by: "bob") == nil)
        #expect(!cancelled.isSupersedable && !cancelled.supersede(by: 7))
        #expect(cancelled.stop == .cancelled(by: "ana"))
    }

    @Test(arguments: [Step.Name.migrate, .release])
    func `from its release on it goes on to its end`(step: Step.Name) throws {
        let progress = JobProgress()
        for early in Self.early { try progress.enter(early) }
        try progress.enter(step)
        #expect(!progress.isSupersedable && !progress.supersede(by: 7))
        #expect(progress.cancel(by: "ana") == step)
        try progress.enter(.verify)
        #expect(progress.cancel(by: "ana") == .verify)
        #expect(progress.stop == nil)
    }

    @Test func `told to stop and passing the point at the same moment, it does one of both`() async throws {
        for _ in 0..<500 {
            let progress = JobProgress()
            try progress.enter(.push)
            async let entered = Task.detached { (try? progress.enter(.release)) != nil }.value
            async let stopped = Task.detached { progress.supersede(by: 7) }.value
            let (isIn, isStopped) = await (entered, stopped)
            #expect(isIn != isStopped)
        }
    }
}

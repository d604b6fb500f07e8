import SlipwayBase
import SlipwayCore
import SlipwayHeroku
import TestSamples
import Testing

@testable import SlipwayDeploy

/// What the queue lists for a job and what its run enters come from one description; here both are looked at.
struct CourseTests {
    private func bench(for kind: CourseKind) async throws -> Bench {
        try await Bench { kind.change(&$0) }
    }

    private func job(of kind: CourseKind, _ bench: Bench) async throws -> Job {
        let commit = try await bench.commit()
        if kind == .tests { return try await bench.run(Samples.plan(target: nil, commit: commit)) }
        let first = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        switch kind {
        case .promotion: return try await bench.run(Samples.plan(target: "production", commit: commit))
        case .rollback:
            let release = try #require(try await bench.store.releases().first)
            return try await bench.run(.rollback(to: release))
        default: return first
        }
    }

    @Test(arguments: CourseKind.allCases)
    func `a run enters what the queue lists, in that order`(kind: CourseKind) async throws {
        let bench = try await bench(for: kind)
        let job = try await job(of: kind, bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        let listed = JobCourse.steps(of: job.plan, in: bench.configuration.value, on: Platforms([bench.platform]))
        #expect(listed == kind.steps)
        #expect(job.steps.map(\.name) == listed)
        #expect(job.steps.allSatisfy { $0.state == .succeeded }, "\(bench.summary(job))")
        // Tests run beside the build; every other step begins when the one before it has ended.
        let beside: Set<Step.Name> = [.test, .build]
        for (before, after) in zip(job.steps, job.steps.dropFirst())
        where !beside.isSuperset(of: [before.name, after.name]) {
            let (ended, begun) = (try #require(before.finishedAt), try #require(after.startedAt))
            #expect(ended <= begun, "\(before.name.rawValue), \(after.name.rawValue)")
        }
    }
}

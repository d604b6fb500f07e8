import SlipwayBase
import SlipwayCore
import SlipwayHeroku
import Testing

@testable import SlipwayDeploy

/// What the queue lists for a job and what its run enters come from one description; here both are looked at.
struct CourseTests {
    enum Kind: CaseIterable {
        case tests, untested, tested, releasePhase, oneOff, promotion, rollback

        var steps: [Step.Name] {
            switch self {
            case .tests: [.checkout, .test]
            case .untested: [.checkout, .build, .push, .release, .verify]
            case .tested: [.checkout, .test, .build, .push, .release, .verify]
            case .releasePhase: [.checkout, .build, .push, .migrate, .release, .verify]
            case .oneOff: [.checkout, .build, .push, .release, .migrate, .verify]
            case .promotion, .rollback: [.push, .release, .verify]
            }
        }
    }

    private func bench(for kind: Kind) async throws -> Bench {
        try await Bench { app in
            if kind == .tests || kind == .tested { app.test = TestRecipe(image: Parts.image, run: "true") }
            if kind == .releasePhase { app.targets[0].migrate = Migration(command: "m", run: .releasePhase) }
            if kind == .oneOff { app.targets[0].migrate = Migration(command: "m", run: .oneOff(type: nil, size: nil)) }
            if kind == .promotion {
                app.targets.append(
                    Target(name: "production", place: .heroku(Parts.herokuApp()), promote: app.targets[0].name))
            }
        }
    }

    private func job(of kind: Kind, _ bench: Bench) async throws -> Job {
        let commit = try await bench.repository.commit("one", files: ["Dockerfile": Bench.dockerfile])
        if kind == .tests { return try await bench.run(Samples.plan(target: nil, commit: commit)) }
        let first = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        switch kind {
        case .promotion: return try await bench.run(Samples.plan(target: "production", commit: commit))
        case .rollback:
            let release = try #require(try await bench.store.releases().first)
            return try await bench.run(Samples.rollback(to: release))
        default: return first
        }
    }

    @Test(arguments: Kind.allCases)
    func `a run enters what the queue lists, in that order`(kind: Kind) async throws {
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

import Foundation
import SlipwayBase
import SlipwayCore
import Testing

@testable import SlipwayDeploy

/// Jobs in which a server was killed, gone on with by the next: real git, engine and registry; the platform is scripted.
struct ResumeTests {
    /// A bench on which a job has run to its end, so that its image is on the engine and in the registry.
    private func deployed(_ change: (inout App) -> Void = { _ in }) async throws -> (Bench, Job) {
        let bench = try await Bench(.init(), change)
        let commit = try await bench.repository.commit("one", files: ["Dockerfile": Bench.dockerfile])
        var plan = Samples.plan(target: "homolog", commit: commit)
        // So that nothing is found but what the job itself has done.
        plan.fresh = true
        let job = try await bench.run(plan)
        try #require(job.state == .succeeded, "\(job.reason ?? "")")
        return (bench, job)
    }

    /// A second job as the first was when it came to a step, and what it had done by then.
    private func left(_ job: Job, in step: Step.Name, _ bench: Bench, pushEnded: Bool = true) async -> Job {
        var left = job
        left.id = job.id + 1
        left.state = .running
        let position = left.steps.firstIndex { $0.name == step } ?? 0
        for index in left.steps.indices where index >= position {
            left.steps[index] = Step(name: left.steps[index].name, state: index == position ? .running : .waiting)
        }
        let names = left.steps[...position].map(\.name)
        let effects = await bench.store.effects.filter { names.contains($0.step) }
        await bench.store.leave(
            left,
            effects.map { effect in
                var effect = effect
                if !pushEnded, let (push, _) = effect.effect.push { effect.effect = .push(push, .begun) }
                return effect
            })
        return left
    }

    private func goOn(_ job: Job, _ bench: Bench) async throws -> Job {
        try await bench.working { await bench.store.ended(job.id) }
    }

    @Test func `what was built is not built again`() async throws {
        let (bench, first) = try await deployed()
        let job = try await goOn(await left(first, in: .push, bench), bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(
            bench.summary(job) == "checkout:succeeded build:succeeded push:succeeded release:succeeded verify:succeeded"
        )
        #expect(await bench.store.effects.count { $0.effect.kind == .build } == 2, "the first's, and its copy")
        #expect(await bench.store.releases.map(\.image) == [image(bench), image(bench)])
    }

    private func image(_ bench: Bench) -> String {
        bench.platform.calls.first.map { String($0.dropFirst("release web=".count)) } ?? ""
    }

    private func release(_ bench: Bench, at app: String) -> JournalEntry {
        let change = ReleaseChange(
            place: Place(platform: "heroku", name: app), images: ["web": image(bench)], versionBefore: 16)
        let release = PlatformRelease(id: "r", version: 17, wasAlreadyRunning: false)
        return JournalEntry(
            id: 99, step: .release, effect: .release(change, .done(.made(release))), begunAt: .now())
    }

    @Test func `a push whose end was not written down is found in the registry`() async throws {
        let (bench, first) = try await deployed()
        let job = try await goOn(await left(first, in: .push, bench, pushEnded: false), bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        let images = await bench.store.effects.compactMap { $0.effect.push?.1.outcome?.image }
        #expect(images == [image(bench), image(bench)], "the copy's too, and no third")
        #expect(bench.book.text(.push).contains("already"))
    }

    @Test func `the work tree comes back from the mirror for a step that needs it`() async throws {
        let (bench, first) = try await deployed { app in
            app.test = TestRecipe(image: Parts.image, run: "test -s Dockerfile && echo read $((40+2))")
        }
        // The repository need not even answer.
        try FileManager.default.removeItem(atPath: bench.repository.folder.path)
        let job = try await goOn(await left(first, in: .test, bench), bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(bench.book.text(.test).components(separatedBy: "read 42").count == 3, "once by each job")
        #expect(bench.book.text(.test).contains("slipway: the server stopped here and goes on now"))
        #expect(await bench.store.effects.count { $0.effect.kind == .build } == 2, "one by each job")
    }

    @Test func `once it is pushed a job needs neither its tests nor the engine again`() async throws {
        let (bench, first) = try await deployed()
        let left = await left(first, in: .release, bench)
        // Since then the configuration has got tests that fail, and the image has gone.
        bench.configuration.value.apps[0].test = TestRecipe(image: Parts.image, run: "false")
        _ = try await bench.parts.run("rmi", "--force", image(bench))
        let job = try await goOn(left, bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(await bench.store.releases.map(\.image) == [image(bench), image(bench)])
    }

    @Test func `a release that was made of another app is not taken for the target's`() async throws {
        let (bench, first) = try await deployed()
        let left = await left(first, in: .verify, bench)
        await bench.store.leave(left, [release(bench, at: "another-app")])
        let job = try await goOn(left, bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(bench.platform.calls.count { $0.hasPrefix("release ") } == 2)
    }

    @Test func `a release that was made is verified and recorded`() async throws {
        let (bench, first) = try await deployed()
        let left = await left(first, in: .verify, bench)
        await bench.store.leave(left, [release(bench, at: bench.herokuApp)])
        let job = try await goOn(left, bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(bench.platform.calls.count { $0.hasPrefix("release ") } == 1, "by the first job")
        #expect(bench.platform.calls.count { $0.hasPrefix("verify v17") } == 2)
        #expect(await bench.store.releases.count == 2)
    }

    @Test func `a job past the point of no return cannot be cancelled before it gets there again`() async throws {
        let (bench, first) = try await deployed()
        let left = await left(first, in: .verify, bench)
        #expect(left.hasPassedPointOfNoReturn)
        #expect(JobProgress(isCommitted: true).cancel(by: "ops") != nil)
        #expect(await !self.left(first, in: .push, bench).hasPassedPointOfNoReturn)
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import TestStores
import TestSupport
import Testing

@testable import SlipwayDeploy

/// Jobs in which a server was killed, gone on with by the next: real git, engine and registry; the platform is scripted.
struct ResumeTests {
    /// A bench on which a job has run to its end, so that its image is on the engine and in the registry.
    private func deployed(_ change: (inout App) -> Void = { _ in }) async throws -> (Bench, Job) {
        let bench = try await Bench(.init(), change)
        let commit = try await bench.commit()
        var plan = Samples.plan(target: "homolog", commit: commit)
        // So that nothing is found but what the job itself has done.
        plan.fresh = true
        let job = try await bench.run(plan)
        try #require(job.state == .succeeded, "\(job.reason ?? "")")
        return (bench, job)
    }

    /// A second job as the first was when it came to a step, and what it had done by then.
    private func left(_ job: Job, in step: Step.Name, _ bench: Bench, pushEnded: Bool = true) async throws -> Job {
        let ports = bench.store.ports
        let names = job.steps.map(\.name)
        let position = try #require(names.firstIndex(of: step))
        _ = try await bench.store.enqueue(job.plan)
        let left = try #require(try await ports.claim(slots: 8) { _ in names })
        for done in job.steps[..<position] { try await ports.update(done, of: left.id) }
        try await ports.update(Step(name: step, state: .running), of: left.id)
        for entry in try await ports.entries(of: job.id) where names[...position].contains(entry.step) {
            let isOpen = !pushEnded && entry.effect.kind == .push
            let effect = isOpen ? entry.effect.push.map { .push($0.0, .begun) } ?? entry.effect : entry.effect
            _ = try await ports.begin(effect, of: left.id, step: entry.step)
        }
        return try await bench.store.job(left.id)
    }

    /// The job had made a release of an app, and written that down.
    private func noteRelease(of app: String, by job: Job, _ bench: Bench) async throws {
        let change = ReleaseChange(
            place: Place(platform: "heroku", name: app), images: ["web": image(bench)], versionBefore: 16)
        let release = PlatformRelease(id: "r", version: 17, wasAlreadyRunning: false)
        _ = try await bench.store.ports.begin(
            .release(change, .done(.made(release))), of: job.id, step: .release)
    }

    private func goOn(_ job: Job, _ bench: Bench) async throws -> Job {
        try await bench.working { try await bench.store.ended(job.id) }
    }

    @Test func `what was built is not built again`() async throws {
        let (bench, first) = try await deployed()
        let job = try await goOn(left(first, in: .push, bench), bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(
            bench.summary(job) == "checkout:succeeded build:succeeded push:succeeded release:succeeded verify:succeeded"
        )
        #expect(try await bench.store.effects().count { $0.effect.kind == .build } == 2, "the first's, and its copy")
        #expect(try await bench.store.releases().map(\.image) == [image(bench), image(bench)])
    }

    private func image(_ bench: Bench) -> String {
        bench.platform.calls.first.map { String($0.dropFirst("release web=".count)) } ?? ""
    }

    @Test func `a push whose end was not written down is found in the registry`() async throws {
        let (bench, first) = try await deployed()
        let job = try await goOn(left(first, in: .push, bench, pushEnded: false), bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        let images = try await bench.store.effects().compactMap { $0.effect.push?.1.outcome?.image }
        #expect(images == [image(bench), image(bench)], "the copy's too, and no third")
        #expect(bench.book.text(.push).contains("already"))
    }

    @Test func `the work tree comes back from the mirror for a step that needs it`() async throws {
        let (bench, first) = try await deployed { app in
            app.test = TestRecipe(image: Parts.image, run: "test -s Dockerfile && echo read $((40+2))")
        }
        // The repository need not even answer.
        try FileManager.default.removeItem(atPath: bench.repository.folder.path)
        let job = try await goOn(left(first, in: .test, bench), bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(bench.book.text(.test).components(separatedBy: "read 42").count == 3, "once by each job")
        #expect(bench.book.text(.test).contains("slipway: the server stopped here and goes on now"))
        #expect(try await bench.store.effects().count { $0.effect.kind == .build } == 2, "one by each job")
    }

    @Test func `once it is pushed a job needs neither its tests nor the engine again`() async throws {
        let (bench, first) = try await deployed()
        let left = try await left(first, in: .release, bench)
        // Since then the configuration has got tests that fail, and the image has gone.
        bench.configuration.value.apps[0].test = TestRecipe(image: Parts.image, run: "false")
        _ = try await bench.parts.run("rmi", "--force", image(bench))
        let job = try await goOn(left, bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(try await bench.store.releases().map(\.image) == [image(bench), image(bench)])
    }

    @Test func `a release that was made of another app is not taken for the target's`() async throws {
        let (bench, first) = try await deployed()
        let left = try await left(first, in: .verify, bench)
        try await noteRelease(of: "another-app", by: left, bench)
        let job = try await goOn(left, bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(bench.platform.calls.count { $0.hasPrefix("release ") } == 2)
    }

    @Test func `a release that was made is verified and recorded`() async throws {
        let (bench, first) = try await deployed()
        let left = try await left(first, in: .verify, bench)
        try await noteRelease(of: bench.herokuApp, by: left, bench)
        let job = try await goOn(left, bench)
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(bench.platform.calls.count { $0.hasPrefix("release ") } == 1, "by the first job")
        #expect(bench.platform.calls.count { $0.hasPrefix("verify v17") } == 2)
        #expect(try await bench.store.releases().count == 2)
    }

    @Test func `a job past the point of no return cannot be cancelled before it gets there again`() async throws {
        let (bench, first) = try await deployed()
        let left = try await left(first, in: .verify, bench)
        #expect(left.hasPassedPointOfNoReturn)
        #expect(JobProgress(passed: .release).cancel(by: "ops") != nil)
        try await bench.store.ports.finish(left.id, as: .failed, reason: nil)
        #expect(try await !self.left(first, in: .push, bench).hasPassedPointOfNoReturn)
    }
}

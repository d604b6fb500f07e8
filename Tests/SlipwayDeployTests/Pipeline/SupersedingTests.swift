import Foundation
import Logging
import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestSamples
import TestStores
import TestSupport
import Testing

@testable import SlipwayDeploy

/// Order and superseding with the real worker, git, engine and registry.
struct SupersedingTests {
    /// Its test waits for ever where the commit has a file `wait`.
    private func bench(_ script: ScriptedPlatform.Script = .init()) async throws -> Bench {
        try await Bench(script) { app in
            app.test = TestRecipe(image: Parts.image, run: "if [ -e wait ]; then echo waiting; sleep 600; fi")
        }
    }

    private func commit(_ bench: Bench, _ message: String, waits: Bool = false) async throws -> CommitID {
        let files = ["Dockerfile": Bench.dockerfile, "number": message]
        let wait = bench.repository.folder.path + "/wait"
        try? FileManager.default.removeItem(atPath: wait)
        return try await bench.repository.commit(message, files: waits ? files.merging(["wait": ""]) { $1 } : files)
    }

    @Test(arguments: ["homolog", nil])
    func `a newer push ends the running one's work and takes its place`(target: String?) async throws {
        let bench = try await bench()
        let first = try await bench.store.enqueue(
            Samples.plan(target: target, commit: try await commit(bench, "one", waits: true)))
        let (old, new) = try await bench.working {
            try await bench.book.waitFor("waiting", in: .test)
            let second = try await bench.store.enqueue(
                Samples.plan(target: target, commit: try await commit(bench, "two")))
            return (try await bench.store.ended(first.id), try await bench.store.ended(second.id))
        }
        #expect(old.state == .superseded && old.successor == new.id)
        #expect(bench.summary(old).hasPrefix("checkout:succeeded test:cancelled"))
        #expect(old.steps.first { $0.name == .test }?.reason == "superseded by job \(new.id), which has a newer commit")
        #expect(old.steps.dropFirst(3).allSatisfy { $0.state == .cancelled })
        #expect(new.state == .succeeded, "\(new.reason ?? "")")
        #expect(try await bench.parts.containers(of: bench.instance).isEmpty)
        #expect(try await bench.store.effects().allSatisfy { $0.effect.state != .begun })
    }

    @Test func `from the release on a newer push waits`() async throws {
        let bench = try await bench(.init(holdsRelease: true))
        let first = try await bench.store.enqueue(
            Samples.plan(target: "homolog", commit: try await commit(bench, "one")))
        let (old, new) = try await bench.working {
            try await waitUntil("the release") { !bench.platform.calls.isEmpty }
            bench.platform.rewrite { $0.holdsRelease = false }
            let commit = try await commit(bench, "two")
            let second = try await bench.store.enqueue(Samples.plan(target: "homolog", commit: commit))
            // The worker has looked at the second when it has looked at one that it may start.
            let other = try await bench.store.enqueue(Samples.plan(target: nil, commit: commit))
            _ = try await bench.store.ended(other.id)
            #expect(try await bench.store.job(first.id).state == .running)
            #expect(try await bench.store.job(second.id).state == .queued)
            bench.platform.proceed()
            return (try await bench.store.ended(first.id), try await bench.store.ended(second.id))
        }
        #expect(old.state == .succeeded && new.state == .succeeded)
    }

    // MARK: Order

    @Test func `a push deploys its branch's tip, and what is live already is not deployed again`() async throws {
        let bench = try await bench()
        let one = try await commit(bench, "one")
        let two = try await commit(bench, "two")
        let job = try await bench.run(Samples.plan(target: "homolog", commit: one))
        #expect(job.state == .succeeded && job.plan.commit.id == two && job.plan.commit.message == "two")
        let log = bench.book.text(.checkout)
        #expect(log.contains("refs/heads/main has moved on from \(one.short) since; this job takes its tip"))
        // The delivery of the first push comes once more, under another GUID.
        let late = try await bench.run(Samples.plan(target: "homolog", commit: one))
        #expect(late.state == .superseded && late.successor == job.id)
        #expect(late.reason == "refs/heads/main is at \(two.short), which job \(job.id) has deployed")
        #expect(
            bench.summary(late)
                == "checkout:skipped test:cancelled build:cancelled push:cancelled release:cancelled verify:cancelled")
        #expect(try await bench.store.releases().map(\.commit) == [two])
        // Whoever moves a branch back means it.
        try await bench.repository.git("reset", "--quiet", "--hard", one.description)
        let back = try await bench.run(Samples.plan(target: "homolog", commit: one))
        #expect(back.state == .succeeded)
        #expect(try await bench.store.releases().map(\.commit) == [two, one])
    }

    @Test func `a tag never replaces what came after it, a person may`() async throws {
        let bench = try await bench()
        let one = try await commit(bench, "one")
        try await bench.repository.git("tag", "v1")
        let two = try await commit(bench, "two")
        try await bench.repository.git("tag", "v2")
        let new = try await bench.run(Samples.plan(.tag, target: "homolog", ref: "refs/tags/v2", commit: two))
        #expect(new.state == .succeeded, "\(new.reason ?? "")")
        let release = try await bench.run(Samples.plan(.release, target: "homolog", ref: "refs/tags/v2", commit: nil))
        #expect(release.state == .superseded && release.successor == new.id)
        #expect(release.reason?.hasPrefix("\(two.short) is live already, since job \(new.id)") == true)
        for kind in [Trigger.Kind.tag, .release] {
            let old = try await bench.run(
                Samples.plan(kind, target: "homolog", ref: "refs/tags/v1", commit: kind == .tag ? one : nil))
            #expect(old.state == .superseded && old.successor == new.id)
            #expect(old.plan.commit.id == one)
            #expect(old.reason?.hasPrefix("\(one.short) is older than \(two.short)") == true, "\(old.reason ?? "")")
        }
        let asked = try await bench.run(Samples.plan(.deploy, target: "homolog", ref: "refs/tags/v1", commit: one))
        #expect(asked.state == .succeeded)
        #expect(try await bench.store.ports.live(app: "my_app", target: "homolog")?.commit == one)
    }

    @Test func `a branch that is gone is said to be`() async throws {
        let bench = try await bench()
        let commit = try await commit(bench, "one")
        let job = try await bench.run(Samples.plan(target: "homolog", ref: "refs/heads/gone", commit: commit))
        #expect(job.state == .cancelled && job.successor == nil)
        #expect(job.reason?.hasPrefix("refs/heads/gone is not in \(bench.repository.url)") == true)
        #expect(bench.summary(job).hasPrefix("checkout:skipped test:cancelled"))
        #expect(bench.platform.calls.isEmpty)
        #expect(bench.store.ports.notes == [.tipForgotten(job.id)])
    }

    // MARK: All of it

    @Test func `of fifty pushes while the first runs, the newest is live in the end`() async throws {
        let bench = try await bench()
        let feed = Feed()
        let store = try await SQLiteStore.open(at: bench.data.path + "/store", feed: feed)
        let git = Git(data: bench.data.path, configuration: bench.configuration, patience: [])
        let worker = Worker(
            pipeline: Pipeline(
                queue: store, journal: store, releases: store, logs: bench.book, git: git, docker: bench.parts.docker,
                platforms: Platforms([bench.platform]), data: bench.data.path, instance: bench.instance),
            history: store, configuration: bench.configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var last = try await commit(bench, "1", waits: true)
        func push() async throws {
            let plan = Samples.plan(target: "homolog", commit: last)
            _ = try await store.record(.sample(), .plans([plan]), repository: nil)
        }
        let changes = feed.changes()
        let work = Task { await worker.run() }
        try await push()
        try await bench.book.waitFor("waiting", in: .test)
        for number in 2...50 {
            last = try await commit(bench, "\(number)")
            try await push()
        }
        for await _ in changes {
            let queue = try await store.queue()
            if queue.running.isEmpty, queue.queuedCount == 0 { break }
        }
        work.cancel()
        await work.value
        let jobs = try await store.jobs(JobFilter(limit: 100))
        let live = try await store.live(app: "my_app", target: "homolog")
        let ran = jobs.filter { $0.startedAt != nil }
        print("50 pushes while the first ran: \(ran.count) jobs started, \(bench.platform.calls.count / 3) went live")
        #expect(live?.commit == last)
        #expect(jobs.count == 50 && jobs.allSatisfy { $0.state == .succeeded || $0.state == .superseded })
        #expect(jobs.allSatisfy { ($0.state == .superseded) == ($0.successor != nil) })
        // However slow the pushes come.
        let givenUp = ran.sorted { $0.id < $1.id }.map(\.state).split(separator: .succeeded).map(\.count)
        #expect(givenUp.allSatisfy { $0 <= Superseding.mostInARow }, "\(givenUp)")
        try await store.close()
    }
}

import Foundation
import Logging
import SlipwayBase
import SlipwayCore
import Synchronization
import TestSupport
import Testing

@testable import SlipwayDeploy

struct HousekeeperTests {
    /// Says what is to be kept, and remembers what it was asked.
    private final class ScriptedArchive: Archive, LogArchive {
        let kept = Current<Set<String>>([])
        let asked = Current<[String]>([])

        func removeJobs(beyond count: Int) async throws -> Int {
            asked.value += ["jobs beyond \(count)"]
            return 0
        }
        func removeDeliveries(before moment: Timestamp) async throws -> Int {
            asked.value += ["deliveries of \(moment.duration(to: .now()).components.seconds / 86_400) days"]
            return 0
        }
        func jobs(_ jobs: [JobID], goneOrEndedBefore moment: Timestamp) async throws -> [JobID] {
            asked.value += ["logs of \(moment.duration(to: .now()).components.seconds / 86_400) days"]
            return [3]
        }
        func keptImages() async throws -> Set<String> { kept.value }
        func jobs() async throws -> [JobID] { [3, 4] }
        func remove(_ job: JobID) async throws { asked.value += ["log \(job)"] }
    }

    private let archive = ScriptedArchive()

    private func housekeeper(_ bench: Bench) -> Housekeeper {
        Housekeeper(
            archive: archive, logs: archive, git: Git(data: bench.data.path, configuration: bench.configuration),
            docker: bench.parts.docker, runner: CommandRunner(),
            configuration: bench.configuration, instance: bench.instance,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `what is too old goes, as the configuration says`() async throws {
        let bench = try await Bench()
        bench.configuration.value.server.retention.jobs = 7
        try bench.data.write("x", to: "mirrors/gone.git/HEAD")
        await housekeeper(bench).tidy()
        #expect(
            archive.asked.value == ["jobs beyond 7", "deliveries of 30 days", "logs of 90 days", "log 3"])
        #expect(!bench.data.has("mirrors/gone.git"))
    }

    @Test func `a short disk costs images of ours that nobody needs, and then builds wait`() async throws {
        let bench = try await Bench()
        let other = try await Bench()
        func image(_ bench: Bench) async throws -> String {
            let commit = try await bench.repository.commit(
                UUID().uuidString, files: ["Dockerfile": Bench.dockerfile, "file": UUID().uuidString])
            let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
            try #require(job.state == .succeeded, "\(job.reason ?? "")")
            return try #require(try await bench.store.releases().last?.image)
        }
        let (old, live, foreign) = (try await image(bench), try await image(bench), try await image(other))
        archive.kept.value = [live]
        let housekeeper = housekeeper(bench)
        #expect(try await housekeeper.shortage() == nil)

        bench.configuration.value.server.retention.diskReserveBytes = .max
        let shortage = try #require(try await housekeeper.shortage())
        #expect(shortage.hasPrefix("waits for room on the disk: "))
        #expect(shortage.contains("disk_reserve_bytes"))
        func isThere(_ image: String) async throws -> Bool {
            let docker = try await bench.parts.docker.commands(configuration: nil)
            return try await CommandRunner().collect(docker.imageID(image)).succeeded
        }
        #expect(try await !isThere(old))
        #expect(try await isThere(live))
        #expect(try await isThere(foreign))
    }

    @Test func `an image that an operator made or named is not removed, whatever its labels say`() async throws {
        let bench = try await Bench()
        let commit = try await bench.repository.commit(
            "one", files: ["Dockerfile": Bench.dockerfile, "file": UUID().uuidString])
        let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        try #require(job.state == .succeeded, "\(job.reason ?? "")")
        let ours = "\(ImageName.repository):my_app-\(commit)"
        let (made, named) = ("operator/made:\(UUID().uuidString)", "operator/named:\(UUID().uuidString)")
        let folder = try TemporaryFolder()
        try folder.write("FROM \(ours)\nLABEL by=operator\n", to: "Dockerfile")
        let build = ImageBuild(
            dockerfile: folder.path + "/Dockerfile", context: folder.path, tag: made, idFile: folder.path + "/id")
        let docker = try await bench.parts.docker.commands(configuration: nil)
        for command in [docker.build(build), docker.tag(ours, as: named)] {
            let result = try await CommandRunner().collect(command)
            try #require(result.succeeded, "\(command): \(result.lastWords)")
        }
        let label = try await bench.parts.run(
            "image", "inspect", "--format", #"{{index .Config.Labels "io.slipway.instance"}}"#, made)
        #expect(label.text == bench.instance + "\n")

        bench.configuration.value.server.retention.diskReserveBytes = .max
        _ = try await housekeeper(bench).shortage()
        func isThere(_ image: String) async throws -> Bool {
            try await CommandRunner().collect(docker.imageID(image)).succeeded
        }
        #expect(try await isThere(made))
        #expect(try await isThere(named))
        #expect(try await !isThere(ours))
        _ = try await CommandRunner().collect(docker.remove(names: [made, named]))
    }

    @Test func `a job waits while there is no room, says so, and goes on`() async throws {
        let shortage = Current<String?>("waits for room on the disk")
        var limits = StepLimits()
        limits.roomPause = .milliseconds(20)
        let bench = try await Bench(limits: limits, shortage: shortage)
        let commit = try await bench.commit()
        let job = try await bench.store.enqueue(Samples.plan(target: "homolog", commit: commit))
        try await bench.working {
            try await bench.store.wait(for: job.id) { $0.reason == "waits for room on the disk" }
            shortage.value = nil
            let ended = try await bench.store.ended(job.id)
            #expect(ended.state == .succeeded && ended.reason == nil)
        }
    }

    @Test func `a job that only tests waits for room too, before anything is unpacked`() async throws {
        let shortage = Current<String?>("waits for room on the disk")
        var limits = StepLimits()
        limits.roomPause = .milliseconds(20)
        let bench = try await Bench(limits: limits, shortage: shortage) { app in
            app.test = TestRecipe(image: Parts.image, run: "cat file")
        }
        let commit = try await bench.repository.commit("one", files: ["file": "1"])
        let job = try await bench.store.enqueue(Samples.plan(target: nil, commit: commit))
        try await bench.working {
            try await bench.store.wait(for: job.id) { $0.reason == "waits for room on the disk" }
            #expect(!bench.data.has("work/\(job.id)/source"))
            shortage.value = nil
            let ended = try await bench.store.ended(job.id)
            #expect(ended.state == .succeeded && ended.reason == nil)
        }
    }

    @Test func `a job that waits for room can be cancelled`() async throws {
        let bench = try await Bench(shortage: Current("waits for room on the disk"))
        let commit = try await bench.commit()
        let job = try await bench.store.enqueue(Samples.plan(target: "homolog", commit: commit))
        try await bench.working {
            try await bench.store.wait(for: job.id) { $0.reason != nil }
            _ = try await bench.worker.cancel(job.id, by: "ops")
            #expect(try await bench.store.ended(job.id).state == .cancelled)
        }
    }
}

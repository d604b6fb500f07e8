import Foundation
package import Logging
package import SlipwayBase
package import SlipwayCore

/// Removes what is older than the configuration wants, and more of it where the disk is nearly full.
///
/// Of images on the engine it touches only those with this instance's label and a name that Slipway gave. The build cache is everybody's:
/// of that goes, where the disk is nearly full, what nobody has used for a day.
package struct Housekeeper: Sendable {
    private let archive: any Archive
    private let logs: any LogArchive
    private let git: Git
    private let docker: DockerEngine
    private let runner: CommandRunner
    private let configuration: Current<Configuration>
    private let instance: String
    private let logger: Logger
    /// Two jobs that need room do not clear away at the same time.
    private let lock = AsyncLock<String>()

    /// The newest images stay besides those that must, for the layers that the next build uses again.
    private static let newestImages = 10
    /// Things age by days.
    private static let pause = Duration.seconds(3600)

    package init(
        archive: any Archive, logs: any LogArchive, git: Git, docker: DockerEngine, runner: CommandRunner,
        configuration: Current<Configuration>, instance: String, logger: Logger
    ) {
        self.archive = archive
        self.logs = logs
        self.git = git
        self.docker = docker
        self.runner = runner
        self.configuration = configuration
        self.instance = instance
        self.logger = logger
    }

    /// Until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            await tidy()
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// What is too old goes.
    func tidy() async {
        let configuration = configuration.value
        let retention = configuration.server.retention
        await attempt("old jobs") {
            while try await archive.removeJobs(beyond: retention.jobs) > 0 {}
        }
        await attempt("old deliveries") {
            while try await archive.removeDeliveries(before: .now() - retention.deliveries) > 0 {}
        }
        await attempt("old logs") {
            let old = try await archive.jobs(logs.jobs(), goneOrEndedBefore: .now() - retention.logs)
            for job in old { try await logs.remove(job) }
        }
        await attempt("mirrors") { try await git.tidy(configuration.apps) }
        await attempt("old images") { try await removeImages(besidesNewest: Self.newestImages) }
    }

    /// Makes room for a build or a test.
    /// - Returns: what keeps it from starting, in words; nil: nothing.
    package func shortage() async throws -> String? {
        guard await isShort() != nil else { return nil }
        return try await lock.withLock("disk") {
            try await removeImages(besidesNewest: 0)
            guard await isShort() != nil else { return nil }
            _ = try await runner.collect(docker.commands(configuration: nil).pruneBuildCache(), within: .seconds(600))
            return await isShort()
        }
    }

    private func isShort() async -> String? {
        let server = configuration.value.server
        for folder in [server.data, await engineFolder()].compactMap({ $0 }) {
            guard let free = DiskSpace.free(at: folder), free < server.retention.diskReserveBytes else { continue }
            return "waits for room on the disk: \(free >> 20) MiB are free at \(folder), a build or a test is begun "
                + "with \(server.retention.diskReserveBytes >> 20) MiB (server.retention.disk_reserve_bytes); remove what is "
                + "not needed there"
        }
        return nil
    }

    /// nil: on another machine, or Docker does not answer, which the build says better.
    private func engineFolder() async -> String? {
        guard let docker = try? await docker.commands(configuration: nil),
            let answer = try? await runner.collect(docker.rootFolder())
        else { return nil }
        let folder = String(answer.text.prefix { !$0.isNewline })
        return answer.succeeded && FileManager.default.fileExists(atPath: folder) ? folder : nil
    }

    private func removeImages(besidesNewest count: Int) async throws {
        let docker = try await docker.commands(configuration: nil)
        let found = try await runner.collect(docker.images(of: instance))
        guard found.succeeded else { return }
        let kept = try await archive.keptImages()
        var images: [String] = []
        var names: [String: [String]] = [:]
        for line in found.text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 2, ImageName.isOurs(words[1]) else { continue }
            if names[words[0]] == nil { images.append(words[0]) }
            names[words[0], default: []].append(words[1])
        }
        // Only by names that Slipway gave: one that somebody else gave keeps the image. One that is in use refuses to
        // go, and is asked again another time.
        for image in images.dropFirst(count) where !kept.contains(image) {
            _ = try await runner.collect(docker.remove(names: names[image] ?? []))
        }
    }

    /// One thing that cannot be cleared away keeps nobody from the others.
    private func attempt(_ what: String, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch is CancellationError {
        } catch {
            let reason = (error as? StepFailure)?.reason ?? "\(error)"
            logger.warning("\(what) could not be cleared away", metadata: ["reason": "\(reason)"])
        }
    }
}

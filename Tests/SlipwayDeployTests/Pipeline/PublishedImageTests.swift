import SlipwayCore
import Testing

@testable import SlipwayDeploy

/// What Heroku is given of an image, with the real engine and registry.
struct PublishedImageTests {
    private func job(
        _ dockerfile: String, migrate: Migration? = nil, _ check: (Bench, Job) async throws -> Void
    ) async throws {
        let bench = try await Bench { app in
            app.build.stage = nil
            app.targets[0].migrate = migrate
        }
        let commit = try await bench.repository.commit("one", files: ["Dockerfile": dockerfile, "package.json": "{}"])
        try await check(bench, try await bench.run(Samples.plan(target: "homolog", commit: commit)))
    }

    /// The id of the image that was released as this type.
    private func released(_ type: String, _ bench: Bench) throws -> String {
        let call = try #require(bench.platform.calls.first { $0.hasPrefix("release ") })
        let word = try #require(call.split(separator: " ").first { $0.hasPrefix(type + "=") })
        return String(word.dropFirst(type.count + 1))
    }

    private let migration = Migration(command: #"echo "migrated by $BY""#, run: .releasePhase)

    @Test func `an image without a command is not pushed`() async throws {
        try await job("FROM scratch\nCOPY package.json /\n") { bench, job in
            #expect(job.state == .failed)
            #expect(job.reason?.hasPrefix("push: the image has no command, so Heroku could not start it") == true)
            #expect(bench.platform.calls.isEmpty)
            #expect(!bench.book.text(.push).contains("Pushing"))
        }
    }

    @Test(arguments: [Migration.Way.releasePhase, .oneOff(type: nil, size: nil)])
    func `an image without a shell that is to migrate is not pushed`(way: Migration.Way) async throws {
        let dockerfile = """
            FROM \(Parts.image) AS base
            FROM scratch
            COPY --from=base /bin/busybox /busybox
            CMD ["/busybox", "true"]
            """
        try await job(dockerfile, migrate: Migration(command: "/busybox true", run: way)) { bench, job in
            #expect(job.state == .failed)
            #expect(job.reason?.hasPrefix("push: the image has no /bin/sh, which runs the migration") == true)
            #expect(bench.platform.calls.isEmpty)
        }
        try await job(dockerfile) { _, job in #expect(job.state == .succeeded, "\(job.reason ?? "")") }
    }

    @Test func `the image's entrypoint gets the migration as its arguments`() async throws {
        let dockerfile = """
            FROM \(Parts.image)
            RUN printf '#!/bin/sh\\nBY=entrypoint exec "$@"\\n' > /entry && chmod 755 /entry
            ENTRYPOINT ["/entry"]
            CMD ["true"]
            """
        try await job(dockerfile, migrate: migration) { bench, job in
            #expect(job.state == .succeeded, "\(job.reason ?? "")")
            let output = try await bench.parts.run("run", "--rm", try released("release", bench))
            #expect(output.text == "migrated by entrypoint\n")
            #expect(bench.book.text(.push).contains("its ENTRYPOINT /entry gets that as arguments"))
        }
    }

    @Test func `an entrypoint that takes no arguments runs no migration`() async throws {
        try await job("FROM \(Parts.image)\nENV BY=shell\nENTRYPOINT echo server\n", migrate: migration) { bench, job in
            #expect(job.state == .succeeded, "\(job.reason ?? "")")
            let output = try await bench.parts.run("run", "--rm", try released("release", bench))
            #expect(output.text == "migrated by shell\n")
        }
    }

    @Test func `an image's triggers for those that are built of it do not run`() async throws {
        let dockerfile = "FROM \(Parts.image)\nENV BY=me\nCMD [\"true\"]\nONBUILD COPY no-such-file /\n"
        try await job(dockerfile, migrate: migration) { bench, job in
            #expect(job.state == .succeeded, "\(job.reason ?? "")")
            let output = try await bench.parts.run("run", "--rm", try released("release", bench))
            #expect(output.text == "migrated by me\n")
            let left = try await bench.parts.run(
                "ps", "--all", "--quiet", "--filter", "name=slipway-\(bench.instance.prefix(12))-")
            #expect(left.text.isEmpty)
        }
    }
}

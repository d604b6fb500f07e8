import SlipwayCore
import SlipwayHTTP
import TestSupport
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

struct HerokuReleasePhaseTests {
    private let made = PlatformRelease(id: "release-8", version: 8, wasAlreadyRunning: false)
    private let migrate = Migration(command: "/app/bin/migrate", run: .releasePhase)

    /// Pending until its output was asked for so often, then final.
    private func script(_ heroku: FakeHeroku, until reads: Int, then status: String) {
        heroku.on("GET /apps/my-app/releases/release-8") { _, _ in
            let isPending = heroku.calls("GET /streams/secret-stream").count < reads
            let release = FakeHeroku.release(
                8, isPending ? "pending" : status, output: heroku.url + "/streams/secret-stream")
            return .json(Array(release.utf8))
        }
    }

    /// Time is no matter: the output is waited for to its end.
    private var patient: HerokuLimits {
        var limits = HerokuLimits.ofTests
        limits.channelTime = .seconds(1_000_000)
        limits.outputGrace = .seconds(1_000_000)
        return limits
    }

    @Test func `T3 and T4: 404 at first, a break, and pending after the output's end`() async throws {
        try await FakeHeroku().serve { heroku in
            script(heroku, until: 14, then: "succeeded")
            let whole = "migrating\n20 users\ndone\n"
            heroku.on("GET /streams/secret-stream") { call, count in
                if count < 12 { return .text("Channel is not registered.", status: .notFound) }
                let bytes = Array(whole.utf8)
                guard let range = call.headers["Range"], let from = Int(range.dropFirst(6).dropLast()) else {
                    return HTTPResponse(
                        .ok, headers: ["Content-Type": "text/plain"],
                        body: .stream { writer in
                            try await writer.write(Array(bytes[..<13]))
                            throw HTTPError.badRequest("broken off")
                        })
                }
                return HTTPResponse(
                    .partialContent, headers: ["Content-Type": "text/plain"], body: .bytes(Array(bytes[from...])))
            }
            try await heroku.platform(migrate: migrate, limits: patient).waitForReleasePhase(
                made, timeout: .seconds(1_000_000_000), in: heroku.context(step: .migrate, migrate: migrate))
            #expect(heroku.log.text.contains("migrating\n20 users\ndone\nslipway: v8: succeeded\n"))
            #expect(heroku.calls("GET /streams/secret-stream").last?.headers["Range"] == "bytes=13-")
            #expect(heroku.calls("GET /streams/secret-stream").allSatisfy { $0.headers["Authorization"] == nil })
            #expect(heroku.calls("GET /apps/my-app/releases/release-8").count >= 2)
        }
    }

    @Test func `events are resumed by their id`() async throws {
        try await FakeHeroku().serve { heroku in
            script(heroku, until: 2, then: "succeeded")
            heroku.on("GET /streams/secret-stream") { call, _ in
                let isFirst = call.headers["Last-Event-Id"] == nil
                return HTTPResponse(
                    .ok, headers: ["Content-Type": "text/event-stream"],
                    body: .stream { writer in
                        try await writer.write(isFirst ? "id: 1\ndata: one\n\n" : "id: 2\ndata: two\n\n")
                        if isFirst { throw HTTPError.badRequest("broken off") }
                    })
            }
            try await heroku.platform(migrate: migrate, limits: patient).waitForReleasePhase(
                made, timeout: .seconds(1_000_000_000), in: heroku.context(step: .migrate, migrate: migrate))
            #expect(heroku.log.text.contains("one\ntwo\n"))
            #expect(heroku.calls("GET /streams/secret-stream").last?.headers["Last-Event-Id"] == "1")
        }
    }

    @Test func `a server that begins again has its known part skipped`() async throws {
        try await FakeHeroku().serve { heroku in
            script(heroku, until: 2, then: "succeeded")
            heroku.on("GET /streams/secret-stream") { _, count in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        try await writer.write("one\n")
                        if count == 0 { throw HTTPError.badRequest("broken off") }
                        try await writer.write("two\n")
                    })
            }
            try await heroku.platform(migrate: migrate, limits: patient).waitForReleasePhase(
                made, timeout: .seconds(1_000_000_000), in: heroku.context(step: .migrate, migrate: migrate))
            #expect(heroku.log.text.contains(":\none\ntwo\nslipway: v8"))
        }
    }

    @Test func `a failure names the command, its status and what still serves`() async throws {
        try await FakeHeroku().serve { heroku in
            script(heroku, until: 1, then: "failed")
            heroku.on("GET /streams/secret-stream") { _, _ in .text("relation exists\n") }
            heroku.on("POST /apps/my-app/log-sessions") { _, _ in
                .json(Array("{\"logplex_url\": \"\(heroku.url)/logs/secret-log\"}".utf8), status: .created)
            }
            heroku.on("GET /logs/secret-log") { _, _ in
                .text(
                    """
                    2026-11-22T19:00:00Z heroku[release.11]: Process exited with status 9
                    2026-11-22T19:01:00Z app[release.12]: relation exists
                    2026-11-22T19:01:01Z heroku[release.12]: Process exited with status 3
                    2026-11-22T19:01:01Z heroku[web.1]: Process exited with status 143

                    """)
            }
            let context = heroku.context(step: .migrate, migrate: migrate)
            let reason = await failureReason {
                try await heroku.platform(migrate: migrate, limits: patient).waitForReleasePhase(
                    made, timeout: .seconds(1_000_000_000), in: context)
            }
            #expect(
                reason.hasPrefix("the release phase of v8 failed: `/app/bin/migrate` exited with status 3; "))
            #expect(reason.contains("the previous release (v7) still serves"))
            #expect(heroku.log.text.contains("relation exists"))
            #expect(!heroku.log.text.contains("secret-"))
        }
    }

    @Test func `T11: without a stream the output comes from the app's log`() async throws {
        try await FakeHeroku().serve { heroku in
            script(heroku, until: 1, then: "failed")
            heroku.on("POST /apps/my-app/log-sessions") { _, _ in
                .json(Array("{\"logplex_url\": \"\(heroku.url)/logs/secret-log\"}".utf8), status: .created)
            }
            heroku.on("GET /logs/secret-log") { _, _ in
                HTTPResponse(
                    .ok, headers: ["Content-Type": "text/event-stream"],
                    body: .bytes(
                        Array(
                            """
                            data: 2026-11-22T19:01:00Z app[release.12]: no such table
                            data: 2026-11-22T19:01:01Z heroku[release.12]: Process exited with status 3


                            """.utf8)))
            }
            let reason = await failureReason {
                try await heroku.platform(migrate: migrate).waitForReleasePhase(
                    made, timeout: .seconds(1_000_000_000), in: heroku.context(step: .migrate, migrate: migrate))
            }
            #expect(reason.contains("exited with status 3"))
            #expect(heroku.log.text.contains("no such table\n"))
        }
    }

    @Test func `the output decides nothing: a release succeeds without it`() async throws {
        try await FakeHeroku().serve { heroku in
            script(heroku, until: 1, then: "succeeded")
            heroku.on("GET /streams/secret-stream") { _, _ in .text("denied", status: .forbidden) }
            try await heroku.platform(migrate: migrate, limits: patient).waitForReleasePhase(
                made, timeout: .seconds(1_000_000_000), in: heroku.context(step: .migrate, migrate: migrate))
            #expect(heroku.log.text.contains("Heroku answers 403 Forbidden for the output"))
        }
    }

    @Test func `a stream that never ends is left once the status is final`() async throws {
        try await FakeHeroku().serve { heroku in
            script(heroku, until: 1, then: "succeeded")
            heroku.on("GET /streams/secret-stream") { _, _ in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        try await writer.write("half")
                        try await Task.sleep(for: .seconds(60))
                    })
            }
            try await heroku.platform(migrate: migrate).waitForReleasePhase(
                made, timeout: .seconds(1_000_000_000), in: heroku.context(step: .migrate, migrate: migrate))
            #expect(heroku.log.text.contains("half\nslipway: v8: succeeded"))
        }
    }

    @Test func `a release that stays pending ends with its time limit`() async throws {
        try await FakeHeroku().serve { heroku in
            script(heroku, until: .max, then: "succeeded")
            let reason = await failureReason {
                try await heroku.platform(migrate: migrate).waitForReleasePhase(
                    made, timeout: .seconds(600), in: heroku.context(step: .migrate, migrate: migrate))
            }
            #expect(reason.contains("the release phase of v8 did not end in 10 min"))
            #expect(reason.contains("(v7) still serves"))
        }
    }

    @Test func `an expired release says so`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/releases/release-8", json: FakeHeroku.release(8, "expired"))
            let reason = await failureReason {
                try await heroku.platform(migrate: migrate, limits: patient).waitForReleasePhase(
                    made, timeout: .seconds(600), in: heroku.context(step: .migrate, migrate: migrate))
            }
            #expect(reason.hasPrefix("release v8 expired on Heroku"))
        }
    }

    @Test func `nothing is waited for when no release was made`() async throws {
        try await FakeHeroku().serve { heroku in
            try await heroku.platform(migrate: migrate, limits: patient).waitForReleasePhase(
                PlatformRelease(id: "release-7", version: 7, wasAlreadyRunning: true), timeout: .seconds(60),
                in: heroku.context(step: .migrate, migrate: migrate))
            #expect(heroku.calls.isEmpty)
        }
    }

    @Test func `a cancelled job ends at once`() async throws {
        try await FakeHeroku().serve { heroku in
            script(heroku, until: .max, then: "succeeded")
            heroku.on("GET /streams/secret-stream") { _, _ in
                HTTPResponse(.ok, body: .stream { _ in try await Task.sleep(for: .seconds(60)) })
            }
            let platform = try heroku.platform(migrate: migrate, limits: patient)
            let context = heroku.context(step: .migrate, migrate: migrate)
            let task = Task {
                try await platform.waitForReleasePhase(made, timeout: .seconds(1_000_000_000), in: context)
            }
            try await waitUntil("the look at the output") {
                !heroku.calls("GET /streams/secret-stream").isEmpty
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}

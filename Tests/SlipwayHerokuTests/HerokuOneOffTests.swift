import Foundation
import SlipwayCore
import SlipwayHTTP
import SlipwayNet
import Synchronization
import TestSupport
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

struct HerokuOneOffTests {
    private let migrate = {
        var migration = Migration(command: "/app/bin/migrate", run: .oneOff(type: nil, size: nil))
        // Pauses take the clock along, and this is not about time.
        migration.timeout = .seconds(1_000_000)
        return migration
    }()

    /// The nonce of the last dyno's command.
    private func nonce(_ heroku: FakeHeroku) throws -> String {
        struct Body: Decodable { var command: String }
        let body = try #require(heroku.calls("POST /apps/my-app/dynos").last?.body)
        let command = try JSONDecoder().decode(Body.self, from: Data(body.utf8)).command
        return String(try #require(command.split(separator: " ").last))
    }

    private func run(
        _ heroku: FakeHeroku, _ migration: Migration? = nil, at rendezvous: FakeRendezvous? = nil
    ) async throws {
        try await heroku.platform(ca: rendezvous?.authority).runOneOff(
            migration ?? migrate, in: heroku.context(step: .migrate, migrate: migration ?? migrate))
    }

    private func startsDyno(_ heroku: FakeHeroku, attach url: String) {
        heroku.on("POST /apps/my-app/dynos", json: FakeHeroku.dyno("run.5", version: 8, attach: url), status: 201)
        heroku.on("POST /apps/my-app/dynos/run.5/actions/stop", json: "{}", status: 202)
    }

    @Test func `T6: output is live and the exit code comes from our own line`() async throws {
        try await FakeHeroku().serve { heroku in
            let rendezvous = try await FakeRendezvous { stream in
                try await stream.write("rendezvous\r\n")
                try await stream.write("migrating\r\n20 us")
                try await stream.write("ers\r\n\r\nslipway-")
                try await stream.write("\(try nonce(heroku)) exit=0\r\n")
            }
            startsDyno(heroku, attach: rendezvous.url)
            try await rendezvous.serve { try await run(heroku, at: rendezvous) }
            #expect(rendezvous.heard == ["secret-rendezvous\r\n"])
            #expect(heroku.log.text.contains("migrating\n20 users\n"))
            #expect(!heroku.log.text.contains("exit=0"))
            #expect(!heroku.log.text.contains("secret-rendezvous"))
            let marker = try nonce(heroku)
            #expect(
                heroku.journal.all == [
                    FakeHeroku.oneOff(marker, .attached, .done(.exited(code: 0, instance: "run.5"))),
                    .followOneOff(OneOffFollow(marker: marker, instance: "run.5"), .done(Nothing())),
                ])
        }
    }

    @Test func `no type and no size unless configured`() async throws {
        for (way, words) in [
            (Migration.Way.oneOff(type: nil, size: nil), []),
            (.oneOff(type: "worker", size: "standard-1X"), [#""type":"worker""#, #""size":"standard-1X""#]),
        ] {
            try await FakeHeroku().serve { heroku in
                let rendezvous = try await FakeRendezvous { stream in
                    try await stream.write("rendezvous\n\nslipway-\(try nonce(heroku)) exit=0\n")
                }
                startsDyno(heroku, attach: rendezvous.url)
                try await rendezvous.serve {
                    try await run(heroku, Migration(command: "/app/bin/migrate", run: way), at: rendezvous)
                }
                let body = try #require(heroku.calls("POST /apps/my-app/dynos").first?.body)
                for word in words { #expect(body.contains(word)) }
                #expect(body.contains(#""size""#) == !words.isEmpty)
                #expect(body.contains(#""type""#) == !words.isEmpty)
                #expect(body.contains(#""attach":true"#))
            }
        }
    }

    @Test func `an exit code other than 0 fails the step with it`() async throws {
        try await FakeHeroku().serve { heroku in
            let rendezvous = try await FakeRendezvous { stream in
                try await stream.write("rendezvous\nboom\n\nslipway-\(try nonce(heroku)) exit=3\n")
            }
            startsDyno(heroku, attach: rendezvous.url)
            try await rendezvous.serve {
                let reason = await failureReason { try await run(heroku, at: rendezvous) }
                #expect(
                    reason.hasPrefix(
                        "the migration `/app/bin/migrate` exited with status 3 in the dyno run.5 of my-app"))
                #expect(reason.contains("the new release is live already"))
            }
            #expect(heroku.journal.all.first?.runOneOff?.1 == .done(.exited(code: 3, instance: "run.5")))
        }
    }

    @Test func `an end without an exit code is unknown, and nothing is run again`() async throws {
        try await FakeHeroku().serve { heroku in
            let rendezvous = try await FakeRendezvous { stream in try await stream.write("rendezvous\nhalf way\n") }
            startsDyno(heroku, attach: rendezvous.url)
            try await rendezvous.serve {
                let reason = await failureReason { try await run(heroku, at: rendezvous) }
                #expect(reason.hasPrefix("outcome unknown: the connection to the dyno ended without its exit status"))
                #expect(reason.contains("heroku logs -d run.5 -a my-app"))
            }
            #expect(heroku.log.text.contains("half way\n"))
            #expect(heroku.calls("POST /apps/my-app/dynos").count == 1)
        }
    }

    @Test(arguments: [
        (
            127,
            "the migration `/app/bin/migrate` exited with status 127 in the dyno run.5 of my-app (no such command"
        ),
        (0, ""),
        (
            129,
            "outcome unknown: the connection to the dyno ended without its exit status, and the app's log says that it"
        ),
    ])
    func `of an end without an exit code the app's log tells, unless a signal was its end`(_ code: Int, _ words: String)
        async throws
    {
        try await FakeHeroku().serve { heroku in
            let rendezvous = try await FakeRendezvous { stream in try await stream.write("rendezvous\n") }
            startsDyno(heroku, attach: rendezvous.url)
            heroku.on("GET /apps/my-app/dynos/run.5", json: FakeHeroku.dyno("run.5", version: 8))
            heroku.on("POST /apps/my-app/log-sessions") { _, _ in
                .json(Array("{\"logplex_url\": \"\(heroku.url)/logs/x\"}".utf8), status: .created)
            }
            heroku.on("GET /logs/x") { _, _ in
                .text(
                    """
                    2026-11-22T19:00:05Z heroku[run.5]: Process exited with status \(code)
                    2026-11-22T19:00:06Z heroku[run.5]: State changed from up to complete

                    """)
            }
            try await rendezvous.serve {
                var reason = ""
                do { try await run(heroku, at: rendezvous) } catch let failure as StepFailure {
                    reason = failure.reason
                }
                #expect(words.isEmpty ? reason.isEmpty : reason.hasPrefix(words), "\(reason)")
            }
            #expect(heroku.calls("POST /apps/my-app/dynos").count == 1)
        }
    }

    @Test func `a connection that breaks before the first word is unknown too`() async throws {
        try await FakeHeroku().serve { heroku in
            let rendezvous = try await FakeRendezvous { stream in await stream.close() }
            startsDyno(heroku, attach: rendezvous.url)
            try await rendezvous.serve {
                let reason = await failureReason { try await run(heroku, at: rendezvous) }
                #expect(reason.hasPrefix("outcome unknown"))
            }
            #expect(heroku.calls("POST /apps/my-app/dynos").count == 1)
        }
    }

    @Test func `T7: a rendezvous that lets nobody in falls back to a detached dyno and the log`() async throws {
        try await FakeHeroku().serve { heroku in
            // Plain TCP: the handshake fails, so the secret is never sent and nothing can have run.
            let rendezvous = try await FakeRendezvous(secure: false) { stream in await stream.close() }
            let url = rendezvous.url
            heroku.on("POST /apps/my-app/dynos") { call, count in
                let name = count == 0 ? "run.5" : "run.6"
                return .json(
                    Array(FakeHeroku.dyno(name, version: 8, attach: count == 0 ? url : nil).utf8), status: .created)
            }
            heroku.on("POST /apps/my-app/dynos/run.5/actions/stop", json: "{}", status: 202)
            heroku.on("GET /apps/my-app/dynos/run.6", json: FakeHeroku.dyno("run.6", version: 8))
            heroku.on("POST /apps/my-app/log-sessions") { _, _ in
                .json(Array("{\"logplex_url\": \"\(heroku.url)/logs/secret-log\"}".utf8), status: .created)
            }
            heroku.on("GET /logs/secret-log") { _, _ in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        try await writer.write("")
                        try await waitUntil("the second dyno") {
                            heroku.calls("POST /apps/my-app/dynos").count == 2
                        }
                        try await writer.write(
                            """
                            2026-11-22T19:00:00Z app[web.1]: not ours
                            2026-11-22T19:00:01Z heroku[run.6]: Starting process with command `sh -c`
                            2026-11-22T19:00:02Z app[run.6]: migrating
                            2026-11-22T19:00:03Z app[run.6]: 
                            2026-11-22T19:00:04Z app[run.6]: slipway-\(try nonce(heroku)) exit=0
                            2026-11-22T19:00:05Z heroku[run.6]: Process exited with status 0
                            2026-11-22T19:00:06Z heroku[run.6]: State changed from up to complete

                            """)
                        try await Task.sleep(for: .seconds(60))
                    })
            }
            try await rendezvous.serve { try await run(heroku, at: rendezvous) }
            #expect(heroku.log.text.contains("migrating\nslipway: the migration in run.6 exited with status 0"))
            #expect(!heroku.log.text.contains("not ours"))
            #expect(!heroku.log.text.contains("secret-log"))
            let routes = heroku.calls.filter { $0.method == "POST" }.map(\.path)
            #expect(
                routes == [
                    "/apps/my-app/dynos", "/apps/my-app/dynos/run.5/actions/stop", "/apps/my-app/log-sessions",
                    "/apps/my-app/dynos",
                ])
            let session = try #require(heroku.calls("POST /apps/my-app/log-sessions").first)
            #expect(session.headers["Accept"] == "application/vnd.heroku+json; version=3.sdk")
            #expect(heroku.journal.all.map(\.kind) == [.runOneOff, .runOneOff, .followOneOff])
            #expect(heroku.journal.all.map(\.state) == [.notDone, .done, .done])
            let second = heroku.journal.all[1].runOneOff
            #expect(second?.0.way == .detached && second?.1 == .done(.exited(code: 0, instance: "run.6")))
        }
    }

    /// A detached run whose log is `sessions`, one after the other.
    private func detached(_ sessions: [String], events: Bool = false, gone after: Int = .max) async throws -> (
        FakeHeroku, String
    ) {
        let heroku = FakeHeroku()
        let reason = Mutex("")
        try await heroku.serve { heroku in
            heroku.on("POST /apps/my-app/dynos") { _, count in
                .json(
                    Array(
                        FakeHeroku.dyno("run.6", version: 8, attach: count == 0 ? "https://elsewhere.example/x" : nil)
                            .utf8), status: .created)
            }
            heroku.on("POST /apps/my-app/dynos/run.6/actions/stop", json: "{}", status: 202)
            heroku.on("GET /apps/my-app/dynos/run.6") { _, count in
                count < after
                    ? .json(Array(FakeHeroku.dyno("run.6", version: 8).utf8))
                    : .json(
                        Array(#"{"id": "not_found", "message": "Couldn't find that dyno."}"#.utf8), status: .notFound)
            }
            heroku.on("POST /apps/my-app/log-sessions") { _, count in
                .json(Array("{\"logplex_url\": \"\(heroku.url)/logs/\(count)\"}".utf8), status: .created)
            }
            for (index, session) in sessions.enumerated() {
                heroku.on("GET /logs/\(index)") { _, _ in
                    .text(
                        events
                            ? session.split(separator: "\n").map { "data: \($0)\n\n" }.joined() : session,
                        type: events ? "text/event-stream" : "text/plain")
                }
            }
            do { try await run(heroku) } catch let failure as StepFailure { reason.withLock { $0 = failure.reason } }
        }
        return (heroku, reason.withLock { $0 })
    }

    @Test func `a session that ends is opened again, and no line shown twice`() async throws {
        let first = """
            2026-11-22T19:00:02Z app[run.6]: one
            2026-11-22T19:00:03Z app[run.6]: two

            """
        let second =
            first + """
                2026-11-22T19:00:04Z app[run.6]: three
                2026-11-22T19:00:05Z heroku[run.6]: Process exited with status 0
                2026-11-22T19:00:06Z heroku[run.6]: State changed from up to complete

                """
        for events in [false, true] {
            let (heroku, reason) = try await detached([first, second], events: events)
            #expect(reason == "")
            #expect(heroku.log.text.contains("one\ntwo\nthree\nslipway: the migration in run.6"))
            let bodies = heroku.calls("POST /apps/my-app/log-sessions").map(\.body)
            try #require(bodies.count == 2)
            #expect(bodies[1].contains(#""dyno":"run.6""#))
        }
    }

    @Test func `the platform's own line of the exit status is enough`() async throws {
        let (_, reason) = try await detached([
            """
            2026-11-22T19:00:05Z heroku[run.6]: Error R14 (Memory quota exceeded)
            2026-11-22T19:00:05Z heroku[run.6]: Process exited with status 137
            2026-11-22T19:00:06Z heroku[run.6]: State changed from up to crashed

            """
        ])
        #expect(reason.contains("exited with status 137"))
        #expect(reason.contains("killed, most often for its memory"))
    }

    @Test func `a log that lost the end is unknown once the dyno is gone`() async throws {
        let (heroku, reason) = try await detached(
            Array(repeating: "2026-11-22T19:00:02Z app[run.6]: one\n", count: 200), gone: 3)
        #expect(reason.hasPrefix("outcome unknown: the dyno is gone"))
        #expect(heroku.calls("POST /apps/my-app/dynos").count == 2)
    }

    @Test func `a log that cannot be opened runs nothing`() async throws {
        let (heroku, reason) = try await detached([])
        #expect(reason.contains("nothing was run"))
        #expect(heroku.calls("POST /apps/my-app/dynos").count == 1)
    }

    @Test func `a POST without an answer is never sent again; its dyno is stopped before it runs anything`()
        async throws
    {
        try await FakeHeroku().serve { heroku in
            heroku.on("POST /apps/my-app/dynos", json: "{}", status: 503)
            heroku.on("POST /apps/my-app/dynos/run.9/actions/stop", json: "{}", status: 202)
            heroku.on("GET /apps/my-app/dynos") { _, _ in
                let dyno = FakeHeroku.dyno("run.9", version: 8).replacing("\"x\"", with: "\"sh \(try nonce(heroku))\"")
                return .json(Array("[\(dyno)]".utf8))
            }
            let reason = await failureReason { try await run(heroku) }
            #expect(reason.contains("it has run nothing"))
            #expect(heroku.calls("POST /apps/my-app/dynos").count == 1)
            #expect(heroku.calls("POST /apps/my-app/dynos/run.9/actions/stop").count == 1)
        }
    }

    @Test func `a migration past its time is stopped`() async throws {
        try await FakeHeroku().serve { heroku in
            let rendezvous = try await FakeRendezvous { stream in
                try await stream.write("rendezvous\nwaiting for a lock\n")
                _ = try await stream.read()
            }
            startsDyno(heroku, attach: rendezvous.url)
            let slow = {
                var slow = migrate
                slow.timeout = .seconds(600)
                return slow
            }()
            try await rendezvous.serve {
                let task = Task { await failureReason { try await run(heroku, slow, at: rendezvous) } }
                try await waitUntil("the output") {
                    heroku.log.text.contains("waiting for a lock\n")
                }
                heroku.clock.advance(by: .seconds(600))
                let reason = await task.value
                #expect(reason.hasPrefix("the migration ran longer than 10 min, so its dyno run.5 was stopped"))
            }
            #expect(heroku.calls("POST /apps/my-app/dynos/run.5/actions/stop").count == 1)
        }
    }

    @Test func `a server that stops leaves the dyno to the next one`() async throws {
        try await FakeHeroku().serve { heroku in
            let rendezvous = try await FakeRendezvous { stream in
                try await stream.write("rendezvous\n")
                _ = try await stream.read()
            }
            startsDyno(heroku, attach: rendezvous.url)
            try await rendezvous.serve {
                let task = Task { try await run(heroku, at: rendezvous) }
                try await waitUntil("the attachment") { !rendezvous.heard.isEmpty }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(heroku.calls("POST /apps/my-app/dynos/run.5/actions/stop").isEmpty)
            #expect(heroku.journal.all.map(\.kind) == [.runOneOff, .followOneOff])
            #expect(heroku.journal.all.map(\.state) == [.begun, .done])
        }
    }

    @Test func `a rendezvous with a certificate that nobody trusts gets no secret`() async throws {
        try await FakeHeroku().serve { heroku in
            let rendezvous = try await FakeRendezvous { stream in try await stream.write("rendezvous\n") }
            startsDyno(heroku, attach: rendezvous.url)
            try await rendezvous.serve {
                let reason = await failureReason {
                    try await heroku.platform(ca: nil).runOneOff(
                        migrate, in: heroku.context(step: .migrate, migrate: migrate))
                }
                #expect(reason.hasPrefix("the migration has not run, and the new release is live without it: "))
                // Trust does not come with waiting: the detached way is taken after one more try.
                #expect(heroku.log.text.components(separatedBy: "trying again").count == 2, "\(heroku.log.text)")
            }
            #expect(rendezvous.heard.isEmpty)
        }
    }
}

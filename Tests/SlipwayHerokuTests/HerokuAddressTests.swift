import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

/// Addresses in a lying API's answers.
struct HerokuAddressTests {
    private func api(_ url: String) throws -> HerokuAPI {
        var settings = HerokuSettings(apiKey: Secret(FakeHeroku.key))
        settings.apiURL = url
        return try HerokuAPI(
            settings, userAgent: "slipway/test", client: HTTPClient(tls: .current()), clock: LeapClock(),
            limits: .ofTests)
    }

    @Test(arguments: [
        "https://release-output.heroku.com/streams/1", "https://logplex.heroku.com/sessions/x", "https://HEROKU.com/x",
        "https://api.heroku.com:443/log-sessions/1", "https://a.b.heroku.com./x",
    ])
    func `Heroku's own hosts are followed`(_ address: String) throws {
        #expect(try api("https://api.heroku.com").foreignHost(of: address) == nil)
    }

    @Test(arguments: [
        "http://release-output.heroku.com/x", "http://127.0.0.1:8080/status", "https://127.0.0.1/x", "https://[::1]/x",
        "https://169.254.169.254/latest", "https://heroku.com.evil.example/x", "https://evilheroku.com/x",
        "https://someone.herokuapp.com/x", "https://evil.example/heroku.com", "https://evil.example?.heroku.com",
        "https://evil.example#.heroku.com", "https://localhost/x", "http://10.0.0.1/x",
    ])
    func `no other is, by whatever it is dressed up as`(_ address: String) throws {
        #expect(try api("https://api.heroku.com").foreignHost(of: address) != nil)
        #expect(try api("https://10.1.2.3:8443").foreignHost(of: address) != nil)
    }

    @Test func `an API of another host is followed to itself, a loopback one on this machine`() throws {
        let other = try api("https://10.1.2.3:8443")
        #expect(other.foreignHost(of: "https://10.1.2.3:8443/streams/1") == nil)
        #expect(other.foreignHost(of: "https://10.1.2.3/streams/1") != nil)
        #expect(other.foreignHost(of: "http://10.1.2.3:8443/streams/1") != nil)
        let loopback = try api("http://127.0.0.1:5000")
        #expect(loopback.foreignHost(of: "http://localhost:6000/streams/1") == nil)
        #expect(loopback.foreignHost(of: "http://10.1.2.3/x") != nil)
        #expect(loopback.foreignHost(of: "https://release-output.heroku.com/x") == nil)
    }

    @Test func `a release phase's output is not fetched from elsewhere, and the release goes on`() async throws {
        let heroku = FakeHeroku()
        let migration = Migration(command: "migrate", run: .releasePhase)
        try await heroku.serve { heroku in
            // Of a host that is not loopback, as the API itself is here.
            let lie = "http://192.0.2.1:\(heroku.port)/secrets"
            heroku.on("GET /apps/my-app/releases/release-8", json: FakeHeroku.release(8, output: lie))
            heroku.on("GET /secrets") { _, _ in .text("the host's secrets\n") }
            let context = heroku.context(step: .migrate, migrate: migration)
            try await heroku.platform().waitForReleasePhase(
                PlatformRelease(id: "release-8", version: 8, wasAlreadyRunning: false),
                timeout: .seconds(1_000_000_000),
                in: context)
            #expect(heroku.calls("GET /secrets").isEmpty)
            let log = heroku.log.text
            #expect(log.contains("Heroku names 192.0.2.1 for the output"), "\(log)")
            #expect(log.contains("v8: succeeded"))
        }
    }

    @Test func `a log is not read from elsewhere`() async throws {
        let heroku = FakeHeroku()
        try await heroku.serve { heroku in
            heroku.on(
                "POST /apps/my-app/log-sessions", json: #"{"logplex_url": "https://192.0.2.1/logs"}"#, status: 201)
            let api = try heroku.platform().api
            await #expect(throws: HerokuError.self) {
                _ = try await api.logSession(LogSessionRequest(lines: 1, tail: false), of: "my-app")
            }
        }
    }

    @Test func `a dyno that is to be met elsewhere is stopped, and its command's log read instead`() async throws {
        let heroku = FakeHeroku()
        let migration = Migration(command: "migrate", run: .oneOff(type: nil, size: nil))
        try await heroku.serve { heroku in
            heroku.on("POST /apps/my-app/dynos") { call, _ in
                let attach = call.body.contains(#""attach":true"#) ? "rendezvous://192.0.2.1:5000/secret" : nil
                return .json(Array(FakeHeroku.dyno("run.1", version: 8, attach: attach).utf8), status: .created)
            }
            heroku.on("POST /apps/my-app/dynos/run.1/actions/stop", json: "{}", status: 202)
            let reason = await failureReason {
                try await heroku.platform().runOneOff(
                    migration, in: heroku.context(step: .migrate, migrate: migration))
            }
            #expect(heroku.calls("POST /apps/my-app/dynos/run.1/actions/stop").count == 1)
            let log = heroku.log.text
            #expect(log.contains("Heroku names 192.0.2.1 to attach to it"), "\(log) \(reason)")
            #expect(!log.contains("5000/secret"))
        }
    }
}

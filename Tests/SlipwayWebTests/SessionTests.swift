import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import TestLogs
import TestSupport
import Testing

@testable import SlipwayWeb

/// How long a session and its streams last.
struct SessionTests {
    @Test func `logging out ends the session for whoever has its cookie, also after a restart`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login()
        let other = try await bench.login()
        let csrf = try await bench.csrf(cookie)
        #expect(try await bench.post("/logout", "csrf=\(csrf)", cookie: cookie).status == .seeOther)
        for _ in 0..<2 {
            #expect(try await bench.get("/status", token: nil, cookie: cookie).status == .unauthorized)
            #expect(try await bench.post("/logout", "csrf=\(csrf)", cookie: cookie).status == .seeOther)
        }
        #expect(try await bench.get("/status", token: nil, cookie: other).status == .ok)

        let again = try await bench.restarted()
        func session(_ cookie: String) throws -> Session? {
            again.session(
                of: HTTPRequest(method: .get, target: try #require(HTTPTarget("/")), headers: ["Cookie": cookie]))
        }
        #expect(try session(cookie) == nil)
        #expect(try session(other)?.token == "ops")
        #expect(bench.log.lines.filter { $0.hasPrefix("logout") } == ["logout address=127.0.0.1 token=ops"])
        #expect(bench.log.lines.first == "login address=127.0.0.1 token=ops")
    }

    @Test(arguments: ["guest", "ops", "x"])
    func `logging out ends the session whatever Bearer comes beside its cookie`(token: String) async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login()
        let csrf = try await bench.csrf(cookie)
        let bearer = ["Authorization": "Bearer \(token)-token-value"]
        #expect(try await bench.post("/logout", "csrf=x", cookie: cookie, headers: bearer).status == .forbidden)
        #expect(try await bench.get("/status", token: nil, cookie: cookie).status == .ok)
        #expect(try await bench.post("/logout", "csrf=\(csrf)", cookie: cookie, headers: bearer).status == .seeOther)
        #expect(try await bench.get("/status", token: nil, cookie: cookie).status == .unauthorized)
        #expect(bench.log.lines.filter { $0.hasPrefix("logout") } == ["logout address=127.0.0.1 token=ops"])
    }

    @Test func `a logout that comes from elsewhere ends nothing`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login()
        #expect(try await bench.post("/logout", "csrf=x", cookie: cookie).status == .forbidden)
        #expect(try await bench.get("/status", token: nil, cookie: cookie).status == .ok)
    }

    @Test func `a logout counts even if it cannot be stored`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login()
        let csrf = try await bench.csrf(cookie)
        try await bench.store.close()
        #expect(try await bench.post("/logout", "csrf=\(csrf)", cookie: cookie).status == .seeOther)
        let request = HTTPRequest(
            method: .get, target: try #require(HTTPTarget("/")), headers: ["Cookie": cookie])
        #expect(bench.web.access.session(of: request) == nil)
        #expect(bench.log.lines.contains { $0.hasPrefix("a logout cannot be stored") })
    }

    @Test func `the keys come from the tokens and from a salt of the data folder`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login()
        let file = bench.folder + "/session-salt"
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let salt = try SessionSalt.load(from: bench.folder)
        #expect(salt.revealed.utf8.count == 64)
        #expect(try SessionSalt.load(from: bench.folder) == salt)

        // With the tokens alone nobody makes or checks a cookie.
        let tokens = bench.configuration.value.server.tokens
        let value = String(cookie.drop { $0 != "=" }.dropFirst())
        #expect(SessionKeys(tokens: tokens, salt: salt).open(value) != nil)
        #expect(SessionKeys(tokens: tokens, salt: Secret("")).open(value) == nil)
        #expect(SessionKeys(tokens: Array(tokens.dropLast()), salt: salt).open(value) == nil)

        // What a loss of power has left of the file is no salt.
        try Data("0123\n".utf8).write(to: URL(fileURLWithPath: file))
        let fresh = try SessionSalt.load(from: bench.folder)
        #expect(fresh != salt && fresh.revealed.utf8.count == 64)
        #expect(try SessionSalt.load(from: bench.folder) == fresh)
    }

    @Test func `two servers on one host keep their own sessions in one browser`() async throws {
        let (one, two) = (try await WebBench(), try await WebBench())
        let cookies = [try await one.login(), try await two.login()]
        #expect(Set(cookies.map { $0.prefix { $0 != "=" } }).count == 2)
        for bench in [one, two] {
            let both = cookies.joined(separator: "; ")
            #expect(try await bench.get("/status", token: nil, cookie: both).status == .ok)
        }
    }

    /// `/events`, a log that is followed.
    @Test(.endsIfItHangs, arguments: ["/events", "/jobs/1/log?follow=1"], [true, false])
    func `a stream ends with its token`(path: String, isByCookie: Bool) async throws {
        let bench = try await WebBench()
        try await bench.queue()
        try await bench.run(to: nil)
        let cookie = isByCookie ? try await bench.login(as: "guest") : nil
        let response = try await bench.get(path, token: isByCookie ? nil : "guest", cookie: cookie)
        try await ends(response, bench) { bench in
            bench.configuration.value.server.tokens.removeAll { $0.name == "guest" }
        }
    }

    @Test(.endsIfItHangs, arguments: [0, 1, 2, 3])
    func `a stream ends with what let its reader in`(end: Int) async throws {
        let bench = try await WebBench(publicStatus: end == 3)
        try await bench.queue()
        let cookie = try await bench.login(as: "guest")
        let csrf = try await bench.csrf(cookie)
        let isByCookie = end < 2
        let response = try await bench.get(
            "/events", token: isByCookie || end == 3 ? nil : "guest", cookie: isByCookie ? cookie : nil)
        try await ends(response, bench) { bench in
            switch end {
            case 0: _ = try await bench.post("/logout", "csrf=\(csrf)", cookie: cookie)
            case 1: bench.clock.change { $0.milliseconds += 604_800_000 }
            case 2: bench.configuration.value.server.tokens[1].permissions = [.deploy]
            default: bench.configuration.value.server.publicStatus = false
            }
        }
    }

    /// That nothing is written to a stream any more, and it is over at its next heartbeat.
    private func ends(
        _ response: HTTPResponse, _ bench: WebBench, after change: (WebBench) async throws -> Void
    ) async throws {
        #expect(response.status == .ok)
        guard case .stream(let write) = response.body else { throw WebBench.NoJob() }
        let reader = StreamReader()
        let stream = Task { try? await write(HTTPBodyWriter { await reader.add($0) }) }
        try await reader.wait(for: "\n")
        try await change(bench)
        try await bench.queue(ref: "refs/heads/too-late")
        await bench.logs.append(Array("too late\n".utf8), job: 1, step: .checkout)
        await stream.value
        let text = await reader.text
        #expect(!text.contains("too-late") && !text.contains("too late"))
    }
}

import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet
import TestLogs
import Testing

@testable import SlipwayWeb

/// Wrong tokens: how many a client has, what the log says, and that nobody keeps the owner out.
struct GuessTests {
    /// Of the Internet, so that nobody else may be behind it.
    private static let stranger = "203.0.113.9"

    private func statuses(_ count: Int, _ attempt: () async throws -> HTTPResponse) async throws -> [Int] {
        var statuses: [Int] = []
        for _ in 0..<count { statuses.append(try await attempt().status.code) }
        return statuses
    }

    @Test func `logins and Bearers have ten guesses a minute together, and then nothing is looked at`() async throws {
        let bench = try await WebBench()
        let logins = try await statuses(5) { try await bench.post("/login", "token=x", from: Self.stranger) }
        #expect(logins == Array(repeating: 401, count: 5))
        let bearers = try await statuses(500) { try await bench.get("/status", token: "x", from: Self.stranger) }
        #expect(bearers == Array(repeating: 401, count: 5) + Array(repeating: 429, count: 495))
        let right = try await bench.post("/login", "token=guest-token-value", from: Self.stranger)
        #expect(right.status == .tooManyRequests)
        #expect(right.headers["Retry-After"] == "61")
        #expect(try await bench.get("/status", from: Self.stranger).status == .tooManyRequests)
        // Of an IPv6 network anybody has 2^64 addresses.
        _ = try await statuses(10) { try await bench.get("/status", token: "x", from: "2001:db8:0:1::1") }
        #expect(try await bench.get("/status", from: "2001:db8:0:1:ffff::2").status == .tooManyRequests)
        #expect(try await bench.get("/status", from: "2001:db8:0:2::1").status == .ok)
    }

    @Test func `the minute goes by the clock that nobody sets`() async throws {
        let bench = try await WebBench()
        _ = try await statuses(10) { try await bench.get("/status", token: "x", from: Self.stranger) }
        bench.clock.change { $0.milliseconds += 86_400_000 }
        #expect(try await bench.get("/status", from: Self.stranger).status == .tooManyRequests)
        bench.moment.change { $0 += .seconds(60) }
        #expect(try await bench.get("/status", from: Self.stranger).status == .ok)
        let next = try await statuses(11) { try await bench.get("/status", token: "x", from: Self.stranger) }
        #expect(next == Array(repeating: 401, count: 10) + [429])
    }

    @Test(arguments: ["203.0.113.9", "127.0.0.1"])
    func `a right token forgives no guesses at another`(address: String) async throws {
        let bench = try await WebBench()
        var wrong: [Int] = []
        for number in 0..<50 {
            let isRight = number % 10 == 9
            let form = isRight ? "token=guest-token-value" : "token=x"
            let status = try await bench.post("/login", form, from: address).status.code
            if isRight { #expect(status == 303) } else { wrong.append(status) }
        }
        #expect(wrong == Array(repeating: 401, count: 10) + Array(repeating: 429, count: 35))
        // The one token gets its owner in, and nobody comes nearer to the other by it.
        let other = try await bench.get("/jobs", token: "robot", from: "203.0.113.9").status
        #expect(other == (address == "127.0.0.1" ? .forbidden : .tooManyRequests))
    }

    @Test(
        arguments: [
            // No word of the proxy: it is on this machine, named, or on an inner network and forwards.
            ("127.0.0.1", [:], []), ("::1", [:], []), ("10.0.0.2", [:], ["10.0.0.0/8"]),
            ("172.18.0.3", ["X-Forwarded-For": "203.0.113.9"], []), ("192.168.1.2", ["Via": "1.1 proxy"], []),
            ("fd00::2", ["Forwarded": "for=203.0.113.9"], []),
        ] as [(String, [String: String], [String])])
    func `behind a proxy nobody locks the owner out`(
        proxy: String, headers: [String: String], trusted: [String]
    ) async throws {
        let bench = try await WebBench(proxies: trusted)
        // What the proxy adds for each of its clients is not believed, or it adds nothing.
        let wrong = try await statuses(40) {
            try await bench.get("/status", token: "x", from: proxy, headers: trusted.isEmpty ? headers : [:])
        }
        #expect(wrong == Array(repeating: 401, count: 10) + Array(repeating: 429, count: 30))
        #expect(try await bench.get("/status", from: proxy, headers: headers).status == .ok)
        let login = try await bench.post("/login", "token=guest-token-value", from: proxy, headers: headers)
        #expect(login.status == .seeOther)
    }

    @Test func `marks of a proxy that come from the Internet give nobody more guesses`() async throws {
        let bench = try await WebBench()
        let forged = ["X-Forwarded-For": "10.0.0.1", "Via": "1.1 x", "X-Real-IP": "10.0.0.1"]
        _ = try await statuses(10) {
            try await bench.get("/status", token: "x", from: Self.stranger, headers: forged)
        }
        #expect(try await bench.get("/status", from: Self.stranger, headers: forged).status == .tooManyRequests)
    }

    @Test(arguments: ["10.0.0.5", "192.168.1.7", "100.64.0.9", "fd00::5"], ["127.0.0.1", "172.18.0.3"])
    func `a private client behind a trusted proxy has ten guesses as any other`(
        client: String, proxy: String
    ) async throws {
        let bench = try await WebBench(proxies: [proxy])
        // All that a proxy writes for each of its clients.
        let headers = [
            "X-Forwarded-For": client, "X-Forwarded-Proto": "https", "X-Real-IP": client, "Via": "1.1 proxy",
            "Forwarded": "for=\(client)",
        ]
        let wrong = try await statuses(12) {
            try await bench.get("/status", token: "x", from: proxy, headers: headers)
        }
        #expect(wrong == Array(repeating: 401, count: 10) + [429, 429])
        #expect(try await bench.get("/status", from: proxy, headers: headers).status == .tooManyRequests)
        let login = try await bench.post("/login", "token=guest-token-value", from: proxy, headers: headers)
        #expect(login.status == .tooManyRequests)
    }

    @Test func `a wrong Bearer beside a session takes no guess from its client`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login(as: "guest")
        let beside = try await statuses(40) {
            try await bench.get("/status", token: "x", cookie: cookie, from: Self.stranger)
        }
        #expect(beside == Array(repeating: 200, count: 40))
        #expect(bench.strangersLog.lines.isEmpty)
        let alone = try await statuses(11) { try await bench.get("/status", token: "x", from: Self.stranger) }
        #expect(alone == Array(repeating: 401, count: 10) + [429])
        #expect(try await bench.get("/status", token: "x", cookie: cookie, from: Self.stranger).status == .ok)
    }

    @Test func `who has a session finds no other token by it`() async throws {
        let bench = try await WebBench()
        // The robot may not read, so that it shows which of the two a request counts for.
        func status(_ cookie: String) async throws -> HTTPStatus {
            try await bench.get("/jobs", token: "robot", cookie: cookie).status
        }
        let cookie = try await bench.login(as: "guest")
        _ = try await statuses(10) { try await bench.get("/jobs", token: "x", cookie: cookie) }
        #expect(try await status(cookie) == .ok)
        // A session more is not ten guesses more.
        #expect(try await status(try await bench.login(as: "guest")) == .ok)
        #expect(try await status(try await bench.login(as: "ops")) == .forbidden)
        bench.moment.change { $0 += .seconds(60) }
        #expect(try await status(cookie) == .forbidden)
    }

    @Test func `a token that was right from an address stays so there, and no other token does`() async throws {
        let bench = try await WebBench()
        #expect(try await bench.get("/status", from: Self.stranger).status == .ok)
        _ = try await statuses(20) { try await bench.get("/status", token: "x", from: Self.stranger) }
        #expect(try await bench.get("/status", from: Self.stranger).status == .ok)
        #expect(try await bench.get("/status", token: "robot", from: Self.stranger).status == .tooManyRequests)
    }

    @Test func `a short token is not found by guessing, whoever may be behind the address`() async throws {
        let bench = try await WebBench()
        // One byte less than a token needs.
        #expect("ops-token-value".utf8.count == Secret.fewestBytes - 1)
        #expect(try await bench.get("/status", token: "ops").status == .ok)
        _ = try await statuses(10) { try await bench.get("/status", token: "x") }
        #expect(try await bench.get("/status", token: "ops").status == .tooManyRequests)
        #expect(try await bench.get("/status", token: "guest").status == .ok)
    }

    @Test func `through a trusted proxy each client counts for itself, and sessions go on`() async throws {
        let bench = try await WebBench(proxies: ["10.0.0.0/8"])
        let cookie = try await bench.login(as: "guest")
        func attempt(_ token: String, by client: String) async throws -> Int {
            try await bench.get(
                "/status", token: token, from: "10.1.2.3", headers: ["X-Forwarded-For": "6.6.6.6, \(client), 10.9.9.9"]
            ).status.code
        }
        for port in 0..<10 { #expect(try await attempt("x", by: "203.0.113.9:\(4000 + port)") == 401) }
        #expect(try await attempt("guest", by: "203.0.113.9:5000") == 429)
        #expect(try await attempt("guest", by: "203.0.113.10:5000") == 200)
        // Who has a session is known by it, whatever else comes from there.
        let session = try await bench.get(
            "/status", token: nil, cookie: cookie, from: "10.1.2.3", headers: ["X-Forwarded-For": "203.0.113.9"])
        #expect(session.status == .ok)
    }

    @Test func `an old cookie and an empty token are no guesses`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login() + "x"
        for _ in 0..<20 {
            #expect(try await bench.get("/status", token: nil, cookie: cookie, from: Self.stranger).status.code == 401)
            let empty = try await bench.get(
                "/status", token: nil, from: Self.stranger, headers: ["Authorization": "Bearer "])
            #expect(empty.status == .unauthorized)
        }
        #expect(try await bench.get("/status", from: Self.stranger).status == .ok)
        #expect(bench.strangersLog.lines.isEmpty)
    }

    @Test func `the log has a line a minute and address, without the token`() async throws {
        let bench = try await WebBench()
        for _ in 0..<500 { _ = try await bench.get("/status", token: "x", from: Self.stranger) }
        let line = "login refused address=203.0.113.9 by=bearer reason=This server knows no such token."
        #expect(bench.strangersLog.lines == [line])
        bench.moment.change { $0 += .seconds(60) }
        _ = try await bench.post("/login", "token=x", from: Self.stranger)
        _ = try await bench.post("/login", "token=x", from: "203.0.113.10")
        #expect(
            bench.strangersLog.lines.dropFirst() == [
                "login refused address=203.0.113.9 by=login more=499 reason=This server knows no such token.",
                "login refused address=203.0.113.10 by=login reason=This server knows no such token.",
            ])
    }

    @Test func `what is remembered of clients stays bounded`() {
        var guesses = Guesses()
        var notices = Notices()
        let moment = ContinuousClock.now
        for index in 0..<10_000 {
            let request = HTTPRequest(
                method: .get, target: HTTPTarget("/")!, remoteAddress: "10.0.\(index >> 8).\(index & 255)")
            let client = Client(of: request, trusting: [])
            _ = guesses.judge(nil, from: .client(client.network), isShared: client.isShared, at: moment)
            _ = notices.count(.wrongToken, client, at: moment)
        }
        #expect((1...4096).contains(guesses.count))
        #expect((1...4096).contains(notices.count))
    }
}

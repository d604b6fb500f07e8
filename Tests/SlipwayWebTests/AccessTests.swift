import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import TestLogs
import TestSupport
import Testing

@testable import SlipwayWeb

struct AccessTests {
    @Test func `asks strangers for a token and refuses wrong ones`() async throws {
        let bench = try await WebBench()
        for path in ["/", "/status", "/jobs", "/events", "/metrics", "/jobs/1", "/jobs/1/log"] {
            for token in [nil, "wrong", ""] as [String?] {
                let response = try await bench.get(path, token: token, from: "192.0.2.\(path.utf8.count)")
                #expect(response.status == .unauthorized)
                #expect(response.headers["WWW-Authenticate"] == "Bearer")
                let error = try await response.object["error"] as? [String: Any]
                #expect(error?["code"] as? String == "unauthorized")
            }
        }
    }

    @Test func `a token without the permission is known and refused`() async throws {
        let bench = try await WebBench()
        #expect(try await bench.get("/status", token: "robot").status == .forbidden)
        #expect(try await bench.get("/status", token: "guest").status == .ok)
        let deploy = HTTPRequest(
            method: .post, target: try #require(HTTPTarget("/deploy/a/b")),
            headers: ["Authorization": "Bearer guest-token-value"])
        await #expect { try await bench.web.access.authorize(deploy, .deploy) } throws: {
            ($0 as? HTTPError)?.status == .forbidden
        }
    }

    @Test(arguments: [
        "bearer ops-token-value", "BEARER ops-token-value", "Bearer  ops-token-value",
    ])
    func `takes the scheme in any case`(credentials: String) async throws {
        let bench = try await WebBench()
        let request = HTTPRequest(
            method: .get, target: try #require(HTTPTarget("/status")), headers: ["Authorization": credentials])
        #expect(await bench.router.respond(to: request).status == .ok)
    }

    @Test(arguments: [
        "ops-token-value", "Basic ops-token-value", "Bearer", "Bearer ", "Bearer ops-token-valu",
        "Bearer ops-token-value,", "Bearer OPS-TOKEN-VALUE",
    ])
    func `refuses other credentials`(credentials: String) async throws {
        let bench = try await WebBench()
        let request = HTTPRequest(
            method: .get, target: try #require(HTTPTarget("/status")), headers: ["Authorization": credentials])
        #expect(await bench.router.respond(to: request).status == .unauthorized)
    }

    @Test func `a public status is read without a token, its logs are not`() async throws {
        let bench = try await WebBench(publicStatus: true)
        try await bench.queue()
        for path in ["/", "/status", "/jobs", "/jobs/1", "/metrics"] {
            #expect(try await bench.get(path, token: nil).status == .ok)
        }
        #expect(try await bench.get("/jobs/1/log", token: nil).status == .unauthorized)
        #expect(try await bench.get("/status", token: "wrong").status == .unauthorized)
        let page = try await bench.get("/jobs/1", token: nil, accept: "text/html").text
        #expect(page.contains("Log in to read the log"))
        #expect(!page.contains("<button"))
    }

    @Test func `a reload of the configuration counts at once`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login(as: "guest")
        #expect(try await bench.get("/status", token: nil, cookie: cookie).status == .ok)
        bench.configuration.value.server.tokens.removeLast(2)
        #expect(try await bench.get("/status", token: "guest").status == .unauthorized)
        #expect(try await bench.get("/status", token: nil, cookie: cookie).status == .unauthorized)
    }

    @Test func `a browser is led to the login and back`() async throws {
        let bench = try await WebBench()
        let away = try await bench.get("/jobs/7?x=1", token: nil, accept: "text/html")
        #expect(away.status == .seeOther)
        #expect(away.headers["Location"] == "/login?next=%2Fjobs%2F7%3Fx%3D1")
        let page = try await bench.get("/login?next=%2Fjobs%2F7%3Fx%3D1", token: nil, accept: "text/html").text
        #expect(page.contains(#"name="next" value="/jobs/7?x=1""#))
        let back = try await bench.post("/login", "token=ops-token-value&next=%2Fjobs%2F7%3Fx%3D1")
        #expect(back.status == .seeOther)
        #expect(back.headers["Location"] == "/jobs/7?x=1")
    }

    @Test(arguments: [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "",
        "/\t/evil.example", "evil", "/ü", "/login?next=/login", "/a\r\nSet-Cookie: x=1",
    ])
    func `the login leads to no other site`(next: String) async throws {
        let bench = try await WebBench()
        let response = try await bench.post("/login", "token=ops-token-value&next=\(PercentCoding.encode(next))")
        #expect(response.headers["Location"] == "/")
        #expect(LocalPath(next).text == "/")
    }

    @Test func `the cookie is bound to this site`() async throws {
        let plain = try await WebBench().post("/login", "token=ops-token-value")
        let cookie = try #require(plain.headers["Set-Cookie"])
        #expect(cookie.prefixMatch(of: /slipway-[0-9a-f]{8}=/) != nil)
        #expect(cookie.hasSuffix("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"))
        #expect(!cookie.contains("ops-token-value"))
        let secure = try await WebBench(publicURL: "https://deploy.example")
            .post("/login", "token=ops-token-value", origin: "https://deploy.example").headers["Set-Cookie"]
        #expect(secure?.prefixMatch(of: /__Host-slipway-[0-9a-f]{8}=/) != nil)
        #expect(secure?.hasSuffix("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure") == true)
    }

    @Test func `a session ends, and a changed cookie is none`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login()
        #expect(try await bench.get("/status", token: nil, cookie: cookie).status == .ok)
        #expect(try await bench.get("/status", token: nil, cookie: "a=b; \(cookie); c=d").status == .ok)
        let name = String(cookie.prefix { $0 != "=" })
        let parts = cookie.dropFirst(name.count + 1).split(separator: ".").map(String.init)
        for (index, replacement) in [
            (0, "6f7074"), (1, "9999999999999"), (2, "00"), (3, String(repeating: "0", count: 64)),
        ] {
            var changed = parts
            changed[index] = replacement
            let value = name + "=" + changed.joined(separator: ".")
            #expect(try await bench.get("/status", token: nil, cookie: value).status == .unauthorized)
        }
        bench.clock.change { $0.milliseconds += 604_800_000 }
        #expect(try await bench.get("/status", token: nil, cookie: cookie).status == .unauthorized)
    }

    @Test func `an unsafe request by cookie needs the CSRF token and this site's origin`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login()
        let csrf = try await bench.csrf(cookie)
        let other = try await bench.csrf(try await bench.login())
        func status(_ form: String, _ origin: String?, headers: [String: String] = [:]) async throws -> Int {
            try await bench.post("/logout", form, cookie: cookie, origin: origin, headers: headers).status.code
        }
        #expect(try await status("", "http://slip") == 403)
        #expect(try await status("csrf=\(other)", "http://slip") == 403)
        #expect(try await status("csrf=\(csrf)", nil) == 403)
        #expect(try await status("csrf=\(csrf)", "null") == 403)
        #expect(try await status("csrf=\(csrf)", "http://evil.example") == 403)
        #expect(try await status("csrf=\(csrf)", "http://slip:81") == 403)
        #expect(try await bench.get("/status", token: nil, cookie: cookie).status == .ok)
        let response = try await bench.post("/logout", "csrf=\(csrf)", cookie: cookie)
        #expect(response.status == .seeOther)
        #expect(response.headers["Set-Cookie"]?.contains("=; Path=/; Max-Age=0;") == true)
        let next = try await bench.login()
        let byHeader = ["X-CSRF-Token": try await bench.csrf(next)]
        #expect(try await bench.post("/logout", "", cookie: next, headers: byHeader).status == .seeOther)
        let (login, logout) = ("login address=127.0.0.1 token=ops", "logout address=127.0.0.1 token=ops")
        #expect(bench.log.lines == [login, login, logout, login, logout])
    }

    @Test func `behind a proxy that ends TLS the public URL is this site too`() async throws {
        let bench = try await WebBench(publicURL: "https://deploy.example")
        let right = try await bench.post("/login", "token=ops-token-value", origin: "https://deploy.example:443")
        #expect(right.status == .seeOther)
        let wrong = try await bench.post("/login", "token=ops-token-value", origin: "https://evil.example")
        #expect(wrong.status == .forbidden)
    }

    @Test func `a wrong token gets the form again, programs an error`() async throws {
        let bench = try await WebBench()
        let page = try await bench.post("/login", "token=nope&next=/jobs/3")
        #expect(page.status == .unauthorized)
        #expect(page.headers["Set-Cookie"] == nil)
        #expect(try await page.text.contains(#"value="/jobs/3""#))
        #expect(try await page.text.contains("no such token"))
        let json = try await bench.post("/login", "token=nope", accept: nil)
        #expect((try await json.object["error"] as? [String: Any]) != nil)
        #expect(
            bench.strangersLog.lines == [
                "login refused address=127.0.0.1 by=login reason=This server knows no such token."
            ])
    }
}

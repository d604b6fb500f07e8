import SlipwayBase
import SlipwayHTTP
import TestLogs
import TestSupport
import Testing

@testable import SlipwayWeb

/// What proxies in front do to logins and forms: it works, or page and log say which setting mends it.
struct ProxyTests {
    @Test(arguments: ["Basic b3A6cHc=", "Digest username=\"op\"", "Negotiate abc", "Bearer a.token.of-the-proxy"])
    func `an Authorization of the proxy's own does not hide the session`(value: String) async throws {
        let bench = try await WebBench()
        let login = try await bench.post("/login", "token=ops-token-value", headers: ["Authorization": value])
        #expect(login.status == .seeOther)
        let cookie = String(try #require(login.headers["Set-Cookie"]).prefix { $0 != ";" })
        for _ in 0..<20 {
            let page = try await bench.get(
                "/", token: nil, accept: "text/html", cookie: cookie, headers: ["Authorization": value])
            #expect(page.status == .ok)
        }
        let csrf = try await bench.csrf(cookie)
        func logout(_ form: String) async throws -> HTTPStatus {
            try await bench.post("/logout", form, cookie: cookie, headers: ["Authorization": value]).status
        }
        #expect(try await logout("") == .forbidden)
        #expect(try await logout("csrf=\(csrf)") == .seeOther)
    }

    @Test func `a Bearer counts beside another Authorization, and two Bearers are none`() async throws {
        let bench = try await WebBench()
        func status(_ values: [String]) async throws -> HTTPStatus {
            var request = HTTPRequest(method: .get, target: try #require(HTTPTarget("/status")))
            for value in values { request.headers.add("Authorization", value) }
            return await bench.router.respond(to: request).status
        }
        #expect(try await status(["Basic b3A6cHc=", "Bearer guest-token-value"]) == .ok)
        #expect(try await status(["Bearer guest-token-value", "Bearer guest-token-value"]) == .unauthorized)
    }

    /// Each with what a browser sends through such a proxy; `Host` is the upstream's, `slip`.
    @Test(arguments: [
        ["Origin": "http://deploy.lan:8081", "Sec-Fetch-Site": "same-origin"],
        ["Origin": "null", "Sec-Fetch-Site": "same-origin"], ["Sec-Fetch-Site": "same-origin"],
        ["Referer": "http://slip/login"], ["Origin": "http://slip"], ["Origin": "http://slip:80"],
        ["Origin": "http://slip", "Sec-Fetch-Site": "none"],
        ["Origin": "http://deploy.lan:8081", "X-Forwarded-Host": "deploy.lan:8081"],
    ])
    func `a form of this server's page is known by what is left of its headers`(
        headers: [String: String]
    ) async throws {
        let bench = try await WebBench(proxies: ["127.0.0.1"])
        let login = try await bench.post("/login", "token=ops-token-value", origin: nil, headers: headers)
        #expect(login.status == .seeOther)
        let cookie = String(try #require(login.headers["Set-Cookie"]).prefix { $0 != ";" })
        let csrf = try await bench.csrf(cookie)
        let logout = try await bench.post("/logout", "csrf=\(csrf)", cookie: cookie, origin: nil, headers: headers)
        #expect(logout.status == .seeOther)
        #expect(bench.strangersLog.lines.isEmpty)
    }

    @Test(arguments: [
        ["Origin": "http://evil.example"], ["Origin": "null"], ["Referer": "http://evil.example/slip"], ["Origin": ""],
        ["Origin": "http://slip", "Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
        ["Origin": "http://evil.example", "Referer": "http://slip/"], ["Referer": ""],
        // Whoever is no proxy of ours says nothing about hosts.
        ["Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"],
    ])
    func `a form of another page is refused, and the log says so once a minute`(headers: [String: String]) async throws
    {
        let bench = try await WebBench()
        let cookie = try await bench.login()
        let csrf = try await bench.csrf(cookie)
        for path in ["/login", "/logout", "/logout"] {
            let answer = try await bench.post(
                path, "token=ops-token-value&csrf=\(csrf)", cookie: cookie, origin: nil, headers: headers)
            #expect(answer.status == .forbidden)
        }
        #expect(try await bench.get("/status", token: nil, cookie: cookie).status == .ok)
        #expect(bench.strangersLog.lines.count == 1)
    }

    @Test func `where the host was rewritten, answer and log name both hosts and what mends it`() async throws {
        let bench = try await WebBench()
        let answer = try await bench.post(
            "/login", "token=ops-token-value", origin: "http://deploy.lan:8081", accept: nil)
        #expect(answer.status == .forbidden)
        for text in [try await answer.text, bench.strangersLog.lines.first ?? ""] {
            for word in ["http://deploy.lan:8081", "asked for as slip", "server.public_url", "proxy_set_header Host"] {
                #expect(text.contains(word))
            }
        }
        // A cookie's request that says nothing at all.
        let cookie = try await bench.login()
        let csrf = try await bench.csrf(cookie)
        let silent = try await bench.post("/logout", "csrf=\(csrf)", cookie: cookie, origin: nil)
        #expect(silent.status == .forbidden)
        #expect(try await silent.text.contains("leaves out Origin and Referer"))
    }

    @Test func `over http beside an https public URL page and log say where to log in`() async throws {
        let bench = try await WebBench(publicURL: "https://deploy.example")
        let refused = try await bench.post("/login", "token=ops-token-value&next=/jobs/3")
        #expect(refused.status == .forbidden)
        #expect(refused.headers["Set-Cookie"] == nil)
        for text in [try await refused.text, bench.strangersLog.lines.first ?? ""] {
            #expect(text.contains("https://deploy.example/login") && text.contains("server.public_url"))
        }
        #expect(try await refused.text.contains(#"value="/jobs/3""#))
        // Nothing but the host says so.
        let bare = try await bench.post("/login", "token=ops-token-value", origin: nil)
        #expect(bare.status == .forbidden && bare.headers["Set-Cookie"] == nil)
        for headers in [["Host": "deploy.example"], ["X-Forwarded-Proto": "https"], ["Host": "127.0.0.1:8080"]] {
            let login = try await bench.post("/login", "token=ops-token-value", origin: nil, headers: headers)
            #expect(login.status == .seeOther)
        }
        // This machine's own addresses count as safe, and a proxy that ends TLS shows the browser https.
        for origin in ["http://localhost:8080", "http://127.0.0.1:8080", "https://slip"] {
            let login = try await bench.post(
                "/login", "token=ops-token-value", origin: origin,
                headers: ["Host": String(origin.drop { $0 != "/" }.dropFirst(2))])
            #expect(login.status == .seeOther)
        }
    }

    @Test func `a browser that kept no cookie is told so`() async throws {
        for url in [nil, "https://slip"] {
            let bench = try await WebBench(publicURL: url)
            let page = try await bench.get(
                "/login?next=%2F", token: nil, accept: "text/html", headers: ["Referer": "http://slip/login?next=%2F"])
            #expect(page.status == .ok)
            #expect(try await page.text.contains("has not kept the cookie"))
            #expect(try await page.text.contains("https://slip/login") == (url != nil))
            #expect(bench.strangersLog.lines.count == 1)
            for referrer in ["http://slip/jobs/3", "http://evil.example/login", ""] {
                let page = try await bench.get(
                    "/login", token: nil, accept: "text/html", headers: ["Referer": referrer])
                #expect(try await !page.text.contains("has not kept the cookie"))
            }
        }
    }

    @Test func `an X-Forwarded-For of an untrusted address is told of once`() async throws {
        let bench = try await WebBench(proxies: ["10.0.0.0/8"])
        let forwarded = ["X-Forwarded-For": "198.51.100.7"]
        _ = try await bench.get("/healthz", token: nil, from: "10.0.0.1", headers: forwarded)
        #expect(bench.log.lines.isEmpty)
        for number in 0..<300 {
            _ = try await bench.get("/healthz", token: nil, from: "198.51.100.\(number & 255)", headers: forwarded)
        }
        #expect(bench.log.lines.count == 8)
        for _ in 0..<3 { _ = try await bench.get("/healthz", token: nil, headers: forwarded) }
        #expect(bench.log.lines.count == 9)
        #expect(bench.log.lines.last?.hasSuffix(" address=127.0.0.1") == true)
        #expect(bench.log.lines.last?.contains("server.trusted_proxies") == true)
    }
}

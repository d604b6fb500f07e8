import Foundation
import TestSupport
import Testing

/// The configurations of docs/proxy.md, as they stand there, on the ports and with the paths that they name.
@Suite(.endsIfItHangs) struct DocumentedProxyTests {
    enum Proxy: String, CaseIterable {
        case nginx, caddy, haproxy

        var command: String {
            switch self {
            case .nginx: "nginx -g 'daemon off;'"
            case .caddy: "caddy run --config /etc/caddy/Caddyfile"
            case .haproxy: "haproxy -db -f /etc/haproxy/haproxy.cfg"
            }
        }
    }

    @Test(arguments: Proxy.allCases)
    func `takes deliveries, logins and streams to the server, and whom they come from`(_ proxy: Proxy) async throws {
        let files = try ProxyDocument().files
        #expect(files.count == 4, "one for each proxy and Slipway's part: \(files.keys)")
        let file = try #require(files.first { $0.key.hasPrefix("/etc/\(proxy)/") })
        let server = try #require(files["/etc/slipway/slipway.yml"])
        try await withFolder { folder in
            let site = try await ProxiedSite(file.key, file.value, server: server, command: proxy.command, in: folder)
            do {
                try await deliveries(site)
                try await redirect(site)
                try await addresses(site)
                try await login(site)
                try await requests(site)
                try await streams(site)
            } catch {
                print(await site.printed)
                await site.close()
                throw error
            }
            await site.close()
        }
    }

    private func deliveries(_ site: ProxiedSite) async throws {
        #expect(try await site.deliver("ping", Data("{}".utf8)) == 200)
        #expect(try await site.deliver("ping", Data("{}".utf8), secret: "another secret") == 403)
        // A push of thousands of commits.
        let commits = (0..<20_000).map { ["id": String(repeating: "0", count: 40), "message": "\($0)" + padding] }
        let push = try await site.push("refs/heads/large", ["commits": commits])
        #expect(push.count > 20_000_000)
        #expect(try await site.deliver("push", push) == 202)
    }

    private let padding = String(repeating: "x", count: 950)

    private func redirect(_ site: ProxiedSite) async throws {
        let answer = try await site.curl(
            "--write-out", "%{http_code} %{redirect_url}", "http://\(site.host)/jobs/1?step=build")
        #expect(answer.contains(/30[18] https:\/\/deploy\.example\.com\/jobs\/1\?step=build$/), "\(answer)")
    }

    /// Each client is counted by its own address, whatever it says of itself.
    private func addresses(_ site: ProxiedSite) async throws {
        for (client, other) in [("198.51.100.7", "198.51.100.8"), ("2001:db8:1::7", "2001:db8:2::7")] {
            let family = client.contains(":") ? "--ipv6" : "--ipv4"
            func logIn(_ token: String, from address: String, saying claim: String) async throws -> String {
                try await site.logIn(
                    token, family, "--interface", address, "--header", "X-Forwarded-For: \(claim)")
            }
            var status = ""
            var attempts = 0
            while status != "429", attempts < 50 {
                attempts += 1
                status = try await logIn("wrong", from: client, saying: "203.0.113.\(attempts)")
            }
            #expect(status == "429", "\(attempts) wrong logins from one address")
            #expect(try await logIn(ProxiedSite.token, from: client, saying: "203.0.113.7") == "429")
            #expect(try await logIn(ProxiedSite.token, from: other, saying: client) == "303")
            for address in [client, other] { try await site.says("address=\(address) ") }
        }
        #expect(!(await site.printed.contains("203.0.113.")))
    }

    /// As a browser does it, with the page after it.
    private func login(_ site: ProxiedSite) async throws {
        let headers = try await site.curl(
            "--dump-header", "-", "--output", "/dev/null", "--cookie-jar", site.jar, "--data-urlencode",
            "token=\(ProxiedSite.token)", "--header", "Origin: https://\(site.host)", "--header",
            "Sec-Fetch-Site: same-origin", "https://\(site.host)/login")
        #expect(headers.contains(/(?i)set-cookie: __Host-slipway[^=]*=[^;]+;.*; Secure/), "\(headers)")
        let page = try await site.curl("--cookie", site.jar, "--header", "Accept: text/html", "https://\(site.host)/")
        let csrf = try #require(page.firstMatch(of: /name="csrf" value="([^"]+)"/)?.output.1, "\(page)")
        // A button.
        let form = ["--cookie", site.jar, "--data-urlencode", "csrf=\(csrf)", "--write-out", "%{http_code}"]
        func pause(from origin: String) async throws -> String {
            try await site.curl(form + ["--header", "Origin: \(origin)", "https://\(site.host)/pause"])
        }
        #expect(try await pause(from: "https://elsewhere.example").hasSuffix("403"))
        #expect(try await pause(from: "https://\(site.host)").hasSuffix("303"))
        #expect(try await site.ask("/resume", "--request", "POST").contains("null"))
    }

    /// What clients send that is not as usual.
    private func requests(_ site: ProxiedSite) async throws {
        let status = ["--output", "/dev/null", "--write-out", "%{http_code} %{http_version}"]
        let page = "https://\(site.host)/healthz"
        #expect(try await site.curl(status + [page]) == "200 2")
        #expect(try await site.curl(status + ["--head", page]) == "200 2")
        #expect(try await site.curl(status + ["--http1.1", page]) == "200 1.1")
        // As a client asks that would like a WebSocket; there is none here.
        let upgrade = [
            "Connection: upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        let webSocket = upgrade.flatMap { ["--header", $0] }
        #expect(try await site.curl(status + ["--http1.1"] + webSocket + [page]) == "200 1.1")
    }

    /// What is written comes while the stream goes on.
    private func streams(_ site: ProxiedSite) async throws {
        let events = site.stream("/events")
        _ = try await events.waitFor(/retry: 2000/)
        #expect(try await site.deliver("push", try await site.push("refs/heads/main")) == 202)
        // There is no engine, and the job waits for one.
        let job = try await events.waitFor(/event: job\ndata: [^\n]*"id":(\d+),[^\n]*refs\/heads\/main/).1
        let followed = site.stream("/jobs/\(job)/log?follow=1")
        _ = try await followed.waitFor(/waiting for it/)
        let waiting = site.stream("/deploy/hello/staging?ref=main&wait=1", "--request", "POST")
        let other = try await waiting.waitFor(/slipway: job (\d+) \w+/).1
        _ = try await waiting.waitFor(/Fetching file:/)
        for stream in [events, followed, waiting] { #expect(await stream.isRunning) }

        _ = try await site.ask("/jobs/\(other)/cancel", "--request", "POST")
        _ = try await waiting.waitFor(/slipway: job \d+ cancelled/)
        for stream in [events, followed, waiting] { await stream.stop() }
    }
}

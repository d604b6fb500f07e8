import Foundation
import TestSupport
import Testing

/// An nginx that is not set up as docs/proxy.md says, before a server that was told nothing of it: a page and its forms
/// work, or what comes says which setting mends it.
@Suite(.endsIfItHangs) struct OtherProxyTests {
    private static let ways = """
        server { listen 8001; location / { proxy_pass http://127.0.0.1:8080; } }
        server {
            listen 8002;
            auth_basic "staff";
            auth_basic_user_file /etc/nginx/staff;
            location / { proxy_pass http://127.0.0.1:8080; proxy_set_header Host $http_host; }
        }
        server {
            listen 8003;
            location / {
                proxy_pass http://127.0.0.1:8080;
                proxy_set_header Host $http_host;
                proxy_set_header Origin "";
                proxy_set_header X-Forwarded-For "[$remote_addr]:$remote_port";
            }
        }
        server {
            listen 8004;
            location / {
                proxy_pass http://127.0.0.1:8080;
                proxy_set_header X-Forwarded-Host $http_host;
                proxy_set_header X-Forwarded-For "$remote_addr:$remote_port";
            }
        }

        """
    /// `op`, `staff-only`.
    private static let staff = "op:{PLAIN}staff-only\n"

    private static let server = """
        server:
          listen: 127.0.0.1:8080
          trusted_proxies: [127.0.0.1]

        """

    @Test func `takes logins and buttons through other proxies, or says what mends them`() async throws {
        try await withFolder { folder in
            let site = try await ProxiedSite(
                "/etc/nginx/conf.d/ways.conf", Self.ways, server: Self.server,
                command: "echo '\(Self.staff)' >/etc/nginx/staff && nginx -g 'daemon off;'",
                page: "http://deploy.example.com:8001/healthz", in: folder)
            do {
                try await ways(site)
            } catch {
                print(await site.printed)
                await site.close()
                throw error
            }
            await site.close()
        }
    }

    private func ways(_ site: ProxiedSite) async throws {
        // A browser that loaded the page over plain http sends no Sec-Fetch-Site.
        let rewritten = try await visit(site, port: 8001)
        #expect(rewritten.login == "403")
        try await site.says("set server.public_url to http://\(site.host):8001")
        let safe = try await visit(site, port: 8001, headers: ["Sec-Fetch-Site: same-origin"])
        #expect(safe == Visit(login: "303", page: "200", button: "303"))

        let basic = try await visit(site, port: 8002, options: ["--user", "op:staff-only"])
        #expect(basic == Visit(login: "303", page: "200", button: "303"))

        // `Referer` is left, and the address has brackets and a port.
        let silent = try await visit(site, port: 8003, headers: ["Referer: http://\(site.host):8003/"])
        #expect(silent == Visit(login: "303", page: "200", button: "303"))
        let named = try await visit(site, port: 8004, options: ["--interface", "198.51.100.7"])
        #expect(named == Visit(login: "303", page: "200", button: "303"))
        for address in ["192.0.2.1", "198.51.100.7"] { try await site.says("login address=\(address) ") }
    }

    private struct Visit: Equatable {
        var login: String
        var page = ""
        var button = ""
    }

    /// Logs in, looks, and presses the button that lets the queue go on.
    private func visit(
        _ site: ProxiedSite, port: Int, headers: [String] = [], options: [String] = []
    ) async throws -> Visit {
        let url = "http://\(site.host):\(port)"
        let common = options + headers.flatMap { ["--header", $0] } + ["--header", "Origin: \(url)"]
        let status = ["--write-out", "\n%{http_code}", "--cookie-jar", site.jar, "--cookie", site.jar]
        func ask(_ path: String, _ arguments: [String]) async throws -> (text: String, status: String) {
            let answer = try await site.curl(common + status + arguments + [url + path])
            let parts = answer.split(separator: "\n")
            return (parts.dropLast().joined(separator: "\n"), String(parts.last ?? ""))
        }
        let login = try await ask("/login", ["--data-urlencode", "token=\(ProxiedSite.token)"]).status
        guard login == "303" else { return Visit(login: login) }
        let page = try await ask("/", ["--header", "Accept: text/html"])
        let csrf = page.text.firstMatch(of: /name="csrf" value="([^"]+)"/)?.output.1 ?? ""
        let button = try await ask("/resume", ["--data-urlencode", "csrf=\(csrf)"]).status
        return Visit(login: login, page: page.status, button: button)
    }
}

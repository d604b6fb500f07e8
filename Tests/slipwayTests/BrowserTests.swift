import Foundation
import SlipwayDeploy
import SlipwayHTTP
import TestSupport
import Testing

@testable import slipway

/// The dashboard's buttons, pressed as a browser does it, on the real server.
@Suite(.endsIfItHangs) struct BrowserTests {
    /// One slot, taken by a job that never ends, and an app with a repository.
    private static func server(_ host: SilentHost, _ repository: String) async throws -> RunningServer {
        let configuration = RunningServer.configuration(jobs: 1)
            .replacing("file:///nowhere/at/all", with: "https://127.0.0.1:\(host.port)/app.git")
            .replacing("tokens: [", with: "tokens: [{name: reader, value: \"a-token-only-to-read\", may: [read]}, ")
        return try await RunningServer(
            configuration + """
                  other:
                    repository: Codertocat/Other
                    clone_url: file://\(repository)
                    targets:
                      production: {heroku: other-production, when: {push: ["**"]}}

                """)
    }

    private struct Browser {
        let server: RunningServer
        let cookie: String
        let csrf: String

        init(_ server: RunningServer, token: String) async throws {
            self.server = server
            let login = try await server.open(
                HTTPClientRequest(
                    .post, server.address + "/login",
                    headers: ["Content-Type": "application/x-www-form-urlencoded", "Origin": server.address],
                    body: Array("token=\(token)".utf8)))
            cookie = String(try #require(login.headers["Set-Cookie"]).prefix { $0 != ";" })
            let page = try await server.open(
                HTTPClientRequest(
                    .get, server.address + "/", headers: ["Accept": "text/html", "Cookie": cookie])
            ).text
            csrf = String(try #require(page.firstMatch(of: /name="csrf" value="([^"]+)"/)?.output.1))
        }

        func press(_ path: String, _ fields: String = "", csrf: String? = nil, origin: String? = nil) async throws
            -> (status: Int, location: String?)
        {
            let response = try await server.open(
                HTTPClientRequest(
                    .post, server.address + path,
                    headers: [
                        "Accept": "text/html", "Cookie": cookie, "Origin": origin ?? server.address,
                        "Content-Type": "application/x-www-form-urlencoded",
                    ], body: Array("csrf=\(csrf ?? self.csrf)&\(fields)".utf8)))
            return (response.status.code, response.headers["Location"])
        }
    }

    @Test func `every button needs this page's token, this site's origin and the permission`() async throws {
        let folder = try TemporaryFolder()
        let made = try await CommandRunner().collect(
            Command(
                "/bin/sh",
                [
                    "-c",
                    """
                    cd "$0" && git init -q -b main && git -c user.name=Ada -c user.email=ada@example.com \
                        commit -q --allow-empty -m 'Say hello'
                    """, folder.path,
                ], environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path]))
        #expect(made.exit == .code(0))
        let host = try SilentHost()
        let server = try await Self.server(host, folder.path)
        let hook =
            #"{"ref": "refs/heads/main", "after": "48141bb1d1c2ef8d7a1d7a6b5a1e5b8a3a0a9b1c", "#
            + #""repository": {"full_name": "Codertocat/Hello-World"}}"#
        #expect(try await server.deliver("push", hook).status == 202)
        try await server.wait(for: "running", of: 1)

        let ops = try await Browser(server, token: RunningServer.token)
        let reader = try await Browser(server, token: "a-token-only-to-read")
        let deploy = "/deploy/other/production"
        let holds = ["lock", "unlock", "pause", "resume", "rollback"].map { "/\($0)/other/production" }
        for path in [deploy, "/jobs/1/cancel", "/logout", "/pause", "/resume"] + holds {
            #expect(try await ops.press(path, "ref=main&reason=x", csrf: "").status == 403)
            #expect(try await ops.press(path, "ref=main&reason=x", csrf: reader.csrf).status == 403)
            #expect(try await ops.press(path, "ref=main&reason=x", origin: "http://evil.example").status == 403)
            #expect(try await ops.press(path, "ref=main&reason=x", origin: "null").status == 403)
        }
        for path in holds + [deploy] { #expect(try await reader.press(path, "ref=main&reason=x").status == 403) }
        #expect(try await reader.press("/jobs/1/cancel").status == 403)
        #expect(try await server.state(of: 1) == "running")
        #expect(try await server.state(of: 2) == nil)

        func done(_ change: String) -> String { "/?done=\(change)&at=other/production&changed=1" }
        #expect(try await ops.press("/lock/other/production", "reason=").status == 400)
        #expect(try await ops.press("/lock/other/production", "reason=a+demo") == (303, done("lock")))
        #expect(try await ops.press(deploy, "ref=main").status == 409)
        #expect(try await server.get("/status").text.contains(#""reason":"a demo""#))
        #expect(try await ops.press("/unlock/other/production") == (303, done("unlock")))
        #expect(try await ops.press("/pause/other/production") == (303, done("pause")))
        #expect(try await ops.press("/resume/other/production") == (303, done("resume")))
        #expect(try await ops.press("/rollback/other/production").status == 404)

        #expect(try await ops.press(deploy, "ref=main") == (303, "/jobs/2"))
        #expect(try await server.get("/jobs/2").text.contains(#""by":"tests""#))
        #expect(try await server.state(of: 2) == "queued")
        #expect(try await ops.press("/jobs/2/cancel") == (303, "/jobs/2"))
        #expect(try await server.state(of: 2) == "cancelled")
        #expect(try await ops.press("/jobs/2/cancel").status == 409)
        #expect(try await ops.press("/jobs/99/cancel").status == 404, "there is no such job")
        #expect(try await ops.press("/jobs/1/cancel") == (303, "/jobs/1"))
        try await server.wait(for: "cancelled", of: 1)
        #expect(try await ops.press("/logout") == (303, "/login"))
        await server.process.stop(within: .seconds(600))
    }
}

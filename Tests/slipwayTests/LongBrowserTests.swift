import Foundation
import SlipwayHTTP
import TestSupport
import Testing

@testable import slipway

/// A dashboard that stays open for a day's work, in a real browser and on the real server.
@Suite(.enabled(if: Chromium.path != nil, "scripts/setup browser installs Chromium"))
struct LongBrowserTests {
    /// One branch a job, so that none supersedes another.
    private func push(_ number: Int, to server: RunningServer) async throws {
        let commit = String(repeating: "0", count: 40 - "\(number)".count) + "\(number)"
        let hook =
            #"{"ref": "refs/heads/b\#(number)", "after": "\#(commit)", "#
            + #""repository": {"full_name": "Codertocat/Hello-World"}}"#
        #expect(try await server.deliver("push", hook).status == 202)
    }

    @Test func `ten tabs, two hundred jobs and a restart later a dashboard is what the server draws`() async throws {
        let first = try await RunningServer()
        let chromium = try Chromium()
        let dashboard = try await chromium.tab()
        try await dashboard.show(width: 1200, height: 1000)
        try await dashboard.logIn(at: first.address, token: RunningServer.token)
        try await push(1, to: first)
        try await first.wait(for: "failed", of: 1)
        try await dashboard.wait(for: "document.querySelector('#recent #job-1') !== null")
        _ = try await dashboard.text("(window.used = document.querySelector('#recent p a'), used.focus())")
        var tabs = [dashboard]
        for path in ["/", "/", "/", "/jobs", "/jobs", "/jobs/1", "/jobs/1", "/jobs?state=failed", "/"] {
            tabs.append(try await chromium.tab(first.address + path))
        }
        for tab in tabs { try await tab.wait(for: "document.readyState === 'complete'") }
        // What nobody sees is drawn when it is shown.
        try await dashboard.bringToFront()
        let before = try await dashboard.heap()
        let memory = try await chromium.renderers().reduce(0, +)

        for number in 2...100 { try await push(number, to: first) }
        try await first.wait(for: "failed", of: 100)
        try await dashboard.wait(for: "document.querySelector('#recent #job-100') !== null")
        await first.process.stop(within: .seconds(60))
        try await dashboard.wait(for: "!document.querySelector('#outage').hidden")
        let port = try #require(first.address.split(separator: ":").last)
        let server = try await RunningServer(
            RunningServer.configuration().replacing("127.0.0.1:0", with: "127.0.0.1:\(port)"), in: first.folder)
        for number in 101...200 { try await push(number, to: server) }
        try await server.wait(for: "failed", of: 200)

        for tab in tabs {
            try await tab.bringToFront()
            try await waitUntil("what the server draws") { try await tab.isLikeFresh() }
            #expect(try await tab.text("document.querySelector('#outage').hidden") == "true")
        }
        #expect(try await dashboard.text("document.activeElement === used && used.isConnected") == "true")
        #expect(try await dashboard.text("document.querySelector('#recent #job-200') !== null") == "true")
        let after = try await dashboard.heap()
        print(
            "200 jobs: the dashboard's scripts hold \(before) kB before and \(after) kB after;",
            "all renderers \(memory) kB before and \(try await chromium.renderers().reduce(0, +)) kB after")
        #expect(after < before + 4096)
        await server.process.stop(within: .seconds(60))
    }
}

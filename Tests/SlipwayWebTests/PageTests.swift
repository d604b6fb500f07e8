import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import TestSamples
import TestSupport
import Testing

@testable import SlipwayWeb

struct PageTests {
    /// A quote with a combining mark is another `Character` than a quote, but to a browser it is a quote.
    static let evil = "<script>alert(1)</script> \" onload=\"x' &amp; \"\u{301} <\u{338}b> \u{202E}"

    @Test func `text from outside is escaped on every page`() async throws {
        let bench = try await WebBench(publicStatus: true)
        try await bench.queue(message: Self.evil, by: Self.evil, ref: "refs/heads/a<b>\"c")
        let job = try await bench.run(to: .failed, reason: Self.evil)
        var step = try #require(job.steps.first)
        step.reason = Self.evil
        try await bench.store.update(step, of: 1)
        await bench.logs.append(Array((Self.evil + "\u{1B}[31m<b>\u{1B}[0m\n").utf8), job: 1, step: .build)
        let commit = try #require(job.plan.commit.id)
        try await bench.store.record(
            .sample("my_app", "homolog", commit: commit, version: 2))
        for path in [
            "/", "/jobs", "/jobs/1", "/login?next=/%22onload=x",
            "/x\(PercentCoding.encode(Self.evil.filter { $0 != "/" }))",
        ] {
            let page = try await bench.get(path, accept: "text/html").text
            #expect(page.contains("</html>"))
            #expect(!page.contains("<script>"), "\(path)")
            #expect(!page.contains("<b>") && !page.contains("<\u{338}"), "\(path)")
            #expect(!page.contains("onload=\""), "\(path)")
            // Only a log, which is a text of its own, may turn its reader's direction.
            #expect(!page.unicodeScalars.contains("\u{202E}") || path == "/jobs/1", "\(path)")
        }
    }

    @Test func `no template leaves anything unescaped, or needs what the CSP forbids`() throws {
        let folder = WebBench.publicFolder + "/templates"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(files.count >= 8)
        for file in files {
            let text = String(
                decoding: try #require(FileManager.default.contents(atPath: folder + "/" + file)), as: UTF8.self)
            #expect(!text.contains("{{{") && !text.contains("{{&") && !text.contains("CONTENT_TYPE"), "\(file)")
            #expect(text.firstMatch(of: /\sstyle="|<style|<script>|\son[a-z]+=/) == nil, "\(file)")
        }
    }

    @Test func `the dashboard shows what is live, what runs and what was`() async throws {
        let bench = try await WebBench()
        try await bench.queue(message: "The first")
        let job = try await bench.run(to: .succeeded)
        let commit = try #require(job.plan.commit.id)
        try await bench.store.record(.sample("my_app", "homolog", commit: commit, version: 23))
        try await bench.queue(message: "The second")
        try await bench.run(to: .failed, reason: "the tests failed: look at the log of test")
        try await bench.queue(message: "The third")
        try await bench.run(to: nil)
        let page = try await bench.get("/", token: nil, accept: "text/html", cookie: try await bench.login()).text
        #expect(page.contains("1 running."))
        #expect(page.contains("release v23") && page.contains(commit.short))
        #expect(page.contains("the tests failed: look at the log of test"))
        #expect(page.contains(#"action="/deploy/my_app/homolog""#))
        #expect(page.contains("<noscript><meta http-equiv=\"refresh\""))
        #expect(page.contains("https://git.example/owner/my_app/commit/\(commit)"))
        #expect(page.contains(#"data-position="1795000000000-"#))
        let guest = try await bench.get(
            "/", token: nil, accept: "text/html", cookie: try await bench.login(as: "guest"))
        #expect(try await guest.text.contains("action=\"/deploy") == false)
    }

    @Test func `a job's page has its steps, log, reason and buttons`() async throws {
        let bench = try await WebBench()
        try await bench.queue(message: "Say hello")
        let cookie = try await bench.login()
        let waiting = try await bench.get("/jobs/1", token: nil, accept: "text/html", cookie: cookie).text
        #expect(waiting.contains(#"action="/jobs/1/cancel""#) && !waiting.contains(#"action="/deploy"#))
        _ = try await bench.store.claim(slots: 1) { _ in [.checkout, .build] }
        try await bench.store.update(
            Step(name: .checkout, state: .succeeded, startedAt: .now(), finishedAt: .now()), of: 1)
        await bench.logs.append(Array("\u{1B}[1;32mdone\u{1B}[0m & more\n".utf8), job: 1, step: .checkout)
        try await bench.store.finish(1, as: .failed, reason: "no Dockerfile: add one")
        let page = try await bench.get("/jobs/1", token: nil, accept: "text/html", cookie: cookie).text
        #expect(page.contains("no Dockerfile: add one"))
        #expect(page.contains(#"<span class="fg2 bold">done</span> &amp; more"#))
        #expect(page.contains(#"href="/jobs/1/log?step=checkout""#) && !page.contains("log?step=build"))
        #expect(page.contains(#"action="/deploy/my_app/homolog""#) && !page.contains("/cancel"))
        #expect(page.contains("data-end=\"\(try await bench.logs.size(job: 1, step: nil))\""))
    }

    @Test func `the end of a long log is shown`() async throws {
        let bench = try await WebBench()
        try await bench.queue()
        try await bench.run(to: nil)
        for index in 0..<100 {
            await bench.logs.append(
                Array((String(repeating: "x", count: 9_990) + "\(index)\n").utf8), job: 1, step: .build)
        }
        let page = try await bench.get("/jobs/1", accept: "text/html").text
        #expect(page.contains("Only the end is shown") && page.contains("x99\n") && !page.contains("x1\n"))
    }

    @Test func `older jobs are a page further`() async throws {
        let bench = try await WebBench()
        for index in 0..<3 { try await bench.queue(target: nil, ref: "refs/heads/b\(index)") }
        let page = try await bench.get("/jobs?limit=2&state=queued", accept: "text/html").text
        #expect(page.contains(#"href="/jobs?limit=2&amp;state=queued&amp;before=2""#))
    }

    @Test func `only a page on which something can change asks to be told`() async throws {
        let bench = try await WebBench()
        func isLive(_ path: String) async throws -> Bool {
            try await bench.get(path, accept: "text/html").text.contains("<body data-position=")
        }
        for _ in 0..<3 {
            let job = try await bench.queue()
            #expect(try await isLive("/jobs/\(job)"))
            try await bench.run(to: .failed, reason: "no")
            #expect(try await isLive("/jobs/\(job)") == false)
        }
        for path in ["/", "/jobs", "/jobs?state=failed"] { #expect(try await isLive(path)) }
        #expect(try await isLive("/jobs?before=3") == false)
        try await bench.queue()
        for path in ["/jobs/4", "/jobs?before=5"] { #expect(try await isLive(path)) }
    }

    @Test func `assets are served, and nothing beside them`() async throws {
        let bench = try await WebBench()
        #expect(try await bench.get("/assets/slipway.css", token: nil).status == .ok)
        #expect(
            try await bench.get("/assets/slipway.js", token: nil).headers["Content-Type"]?.contains("javascript")
                == true)
        #expect(try await bench.get("/assets/../templates/job.mustache", token: nil).status == .notFound)
        #expect(try await bench.get("/assets/%2e%2e/templates/job.mustache", token: nil).status == .notFound)
    }

    @Test func `a missing or broken template is an error at start`() throws {
        #expect(throws: PagesError.self) { try Pages(folder: "/nowhere") }
    }

    @Test(arguments: [
        ("plain", ["|plain"]), ("\u{1B}[31mred\u{1B}[0m x", ["fg1|red", "| x"]),
        ("\u{1B}[1;4;97;104mx\u{1B}[22;24;39;49my", ["fg15 bg12 bold underline|x", "|y"]),
        ("\u{1B}[38;5;9mx\u{1B}[38;5;200my\u{1B}[38;2;1;31;3mz", ["fg9|x", "|yz"]),
        ("a\u{1B}[2Kb\u{1B}]0;t\u{07}c\u{1B}", ["|ab]0;tc"]), ("\u{1B}[mx\u{1B}[", ["|x"]),
        ("\u{1B}[31m\u{1B}[31mx", ["fg1|x"]), ("\u{1B}[99999999999999999999mx", ["|x"]),
        ("é\u{1B}[1mé", ["|é", "bold|é"]),
    ])
    func `colours become classes`(text: String, runs: [String]) {
        #expect(ColouredText(Array(text.utf8)).runs.map { "\($0.classes)|\($0.text)" } == runs)
    }

    @Test(arguments: [
        (-3, "0.0 s"), (380, "0.4 s"), (9_940, "9.9 s"), (9_960, "10 s"), (59_900, "59 s"), (80_000, "1 min 20 s"),
        (3_599_000, "59 min 59 s"), (7_500_000, "2 h 5 min"),
    ])
    func `durations read as people say them`(milliseconds: Int, text: String) {
        #expect(PageText.duration(.milliseconds(milliseconds)) == text)
    }
}

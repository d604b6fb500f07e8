import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestSupport
import Testing

/// A job's log on its page in a real browser.
@Suite(.serialized, .enabled(if: Chromium.path != nil, "scripts/setup browser installs Chromium"))
struct LogBrowserTests {
    /// A job that runs, and this many lines of its log.
    private func site(_ lines: Range<Int>) async throws -> BrowserBench {
        let site = try await BrowserBench()
        try await site.bench.queue()
        _ = try await site.bench.store.claim(slots: 1) { _ in [.test, .build] }
        try await site.bench.store.update(Step(name: .test, state: .running, startedAt: .now()), of: 1)
        await append(lines, to: site)
        return site
    }

    private func append(_ lines: Range<Int>, to site: BrowserBench) async {
        let text = lines.map {
            "\u{1B}[3\($0 % 8)m\($0)\u{1B}[0m a line of a test's output, as long as they often are, or so\n"
        }
        await site.bench.logs.append(Array(text.joined().utf8), job: 1, step: .test)
    }

    private func shows(_ text: String) -> String { "document.querySelector('#log').textContent.includes('\(text)')" }

    @Test(arguments: [true, false]) func `the end of a log is in view`(withScripts: Bool) async throws {
        let site = try await site(0..<3000)
        let tab = try await site.tab()
        if !withScripts { try await tab.turnScriptsOff() }
        try await tab.open(site.address + "/jobs/1#log-end")
        try await tab.wait(for: "document.querySelector('#log') !== null && document.readyState === 'complete'")
        let isSeen = """
            (() => {
                const view = document.querySelector(".log").getBoundingClientRect();
                const end = document.querySelector("#log-end").getBoundingClientRect();
                return end.bottom <= view.bottom + 1 && end.top >= view.top && end.bottom <= innerHeight + 1;
            })()
            """
        #expect(try await tab.text(isSeen) == "true")
        try await tab.save(as: "log-end-\(withScripts)")
        try await tab.open(site.address + "/jobs/1")
        try await tab.wait(for: "document.readyState === 'complete' && location.hash === ''")
        #expect(try await tab.text(isSeen.replacing(" && end.bottom <= innerHeight + 1", with: "")) == "true")
    }

    @Test func `who follows the end sees it, and who reads further up is not moved`() async throws {
        let site = try await site(0..<500)
        let tab = try await site.tab("/jobs/1")
        let place = "document.querySelector('.log').scrollTop"
        await append(500..<501, to: site)
        try await tab.wait(for: shows("500 a line"))
        #expect(try await tab.text(place) == "0")
        _ = try await tab.text("document.querySelector('.log').scrollTop = -2000")
        let line = """
            (() => {
                const view = document.querySelector(".log").getBoundingClientRect();
                const { offsetNode, offset } = document.caretPositionFromPoint(view.left + 40, view.top + 40);
                return offsetNode.data.slice(offset, offset + 200);
            })()
            """
        let read = try await tab.text(line)
        await append(501..<600, to: site)
        try await tab.wait(for: shows("599 a line"))
        #expect(try await tab.text(line) == read)
        // More than a page holds is not shown to one who reads, and is once they go to the end.
        await append(600..<20_000, to: site)
        try await tab.wait(for: "!document.querySelector('#log-more').hidden")
        #expect(try await tab.text(line) == read)
        _ = try await tab.text("document.querySelector('#log-more a').click()")
        try await tab.wait(for: shows("19999 a line"))
        try await tab.wait(for: "document.querySelector('#log-more').hidden")
        #expect(try await tab.text("document.querySelector('#log-cut').hidden") == "false")
    }

    @Test func `lines come once each, in their order, and one that has no end yet is replaced`() async throws {
        let site = try await site(0..<10)
        let tab = try await site.tab("/jobs/1")
        for start in stride(from: 10, to: 2000, by: 10) {
            await append(start..<start + 10, to: site)
            await site.bench.logs.show(Array("not yet \(start)".utf8), job: 1, step: .test)
        }
        try await tab.wait(for: shows("not yet 1990"))
        let numbers = "document.querySelector('#log').textContent.match(/^\\d+(?= a line)/gm).join()"
        #expect(try await tab.text(numbers) == (0..<2000).map(String.init).joined(separator: ","))
        #expect(try await tab.text("document.querySelector('#log').textContent.match(/not yet/g).length") == "1")
        _ = try await site.bench.store.finish(1, as: .failed, reason: "no")
        try await tab.wait(for: "!('position' in document.body.dataset)")
        #expect(try await tab.isLikeFresh())
    }

    /// The most that it takes meanwhile and the longest task are printed alone: when a browser collects its garbage, and how
    /// long a task takes, is the machine's, too. On a quiet one they are under 100 MB more than an empty page, and under 200 ms.
    @Test func `a log of a million lines takes little of the browser while it is written`() async throws {
        let site = try await site(0..<1)
        let tab = try await site.chromium.tab()
        #expect(try await tab.text("document.body.childElementCount") == "0")
        let blank = try #require(try await site.chromium.renderers().max())
        try await tab.run(
            atStart: """
                window.longest = 0;
                new PerformanceObserver((list) => {
                    for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
                }).observe({ type: "longtask", buffered: true });
                """)
        try await tab.show(width: 1200, height: 800)
        try await tab.logIn(at: site.address, token: "ops-token-value")
        try await tab.open(site.address + "/jobs/1")
        try await tab.wait(for: "document.readyState === 'complete' && \(shows("0 a line"))")
        var most = 0
        for start in stride(from: 1, to: 1_000_000, by: 500) {
            await append(start..<min(start + 500, 1_000_000), to: site)
            if start % 25_000 == 1 { most = max(most, try #require(try await site.chromium.renderers().max())) }
        }
        try await tab.wait(for: shows("999999 a line"))
        most = max(most, try #require(try await site.chromium.renderers().max()))
        let count = "document.querySelector('#log').textContent.split('\\n').length"
        let lines = try #require(Int(try await tab.text(count)))
        let longest = try #require(Double(try await tab.text("longest")))
        _ = try await tab.heap()
        let kept = try #require(try await site.chromium.renderers().max())
        try await tab.save(as: "million")
        print(
            "a million lines: PSS \(most) kB at most, \(kept) kB at the end, an empty page's \(blank) kB;",
            "longest task \(Int(longest)) ms;",
            "\(lines) lines in the page")
        #expect(lines < 6000)
        #expect(kept - blank < 100_000)
    }
}

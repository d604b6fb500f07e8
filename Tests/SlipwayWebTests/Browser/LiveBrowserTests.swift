import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestSupport
import Testing

/// The pages in a real browser, while jobs come and go.
@Suite(.serialized, .enabled(if: Chromium.path != nil, "scripts/setup browser installs Chromium"))
struct LiveBrowserTests {
    @Test func `what is used stays as it is, and the page around it catches up`() async throws {
        let site = try await BrowserBench()
        try await site.bench.queue(message: "The first", sha: String(repeating: "a", count: 40))
        let job = try await site.bench.run(to: .succeeded)
        try await site.bench.store.record(
            Release(
                app: "my_app", target: "homolog", job: 1, commit: try #require(job.plan.commit.id), image: "sha256:1",
                version: 7, since: .now()))
        let tab = try await site.tab()
        _ = try await tab.text(
            """
            (() => {
                const field = document.querySelector("[name=ref]");
                field.value = "a branch";
                field.setSelectionRange(2, 5);
                document.querySelector("#holds-my_app-homolog details").open = true;
                window.used = document.querySelector("#job-1 a");
                used.focus();
            })()
            """)
        try await site.bench.queue(message: "The second")
        try await site.bench.run(to: nil)
        try await tab.wait(for: "document.querySelector('#busy').textContent.includes('The second')")
        try await site.bench.store.finish(2, as: .failed, reason: "the tests failed")
        try await tab.wait(for: "document.querySelector('#recent').textContent.includes('the tests failed')")
        #expect(try await tab.text("document.activeElement === used") == "true")
        #expect(try await tab.text("document.querySelector('#holds-my_app-homolog details').open") == "true")
        let typed = "(({ value, selectionStart, selectionEnd }) => value + selectionStart + selectionEnd)"
        #expect(try await tab.text("\(typed)(document.querySelector('[name=ref]'))") == "a branch25")
        // A part that is drawn elsewhere now gives the focus on to the same link.
        try await site.bench.queue(message: "The third")
        try await site.bench.run(to: nil)
        try await tab.wait(for: "document.querySelector('#busy #job-3') !== null")
        _ = try await tab.text("document.querySelector('#busy #job-3 a').focus()")
        try await site.bench.store.finish(3, as: .cancelled, reason: "nobody wants it")
        try await tab.wait(for: "document.querySelector('#recent #job-3') !== null")
        #expect(try await tab.text("document.activeElement === document.querySelector('#recent #job-3 a')") == "true")
        try await tab.wait(for: "document.querySelector('#busy').textContent.includes('Nothing is running')")
        #expect(try await tab.isLikeFresh())
    }

    @Test func `any number of tabs load and are live over one stream, and pages that cannot change need none`()
        async throws
    {
        let site = try await BrowserBench()
        try await site.bench.queue(message: "The first")
        try await site.bench.run(to: .failed, reason: "no")
        try await site.bench.queue(message: "The second")
        let ended = try await site.tab("/jobs/1")
        var tabs: [Tab] = []
        for path in ["/", "/jobs/2", "/jobs", "/jobs/1"] + Array(repeating: "/", count: 6) {
            let tab = try await site.chromium.tab(site.address + path)
            try await tab.wait(for: "document.readyState === 'complete' && document.title.endsWith('Slipway')")
            tabs.append(tab)
        }
        try await site.bench.run(to: .failed, reason: "the second has failed")
        for (index, tab) in tabs.enumerated() where index != 3 {
            try await tab.bringToFront()
            try await tab.wait(for: "document.querySelector('main').textContent.includes('the second has failed')")
            #expect(try await tab.isLikeFresh())
        }
        #expect(try await ended.isLikeFresh())
        // One for the dashboard after the login, and one for all that was opened then.
        #expect(site.streams.value == 2)
    }

    @Test func `what is under the pointer stays there when a job begins and when it ends`() async throws {
        let site = try await BrowserBench()
        for (width, height) in [(1200, 800), (1200, 2400), (400, 700)] {
            let tab = try await site.tab(width: width, height: height)
            try await tab.point(at: "[action='/deploy/my_app/production'] button")
            let place =
                "document.querySelector(`[action='/deploy/my_app/production'] button`).getBoundingClientRect().top"
            let before = try #require(Double(try await tab.text(place)))
            try await site.bench.queue()
            let job = try await site.bench.run(to: nil)
            try await tab.wait(for: "document.querySelector('#busy #job-\(job.id)') !== null")
            #expect(abs(try #require(Double(try await tab.text(place))) - before) < 1)
            try await site.bench.store.finish(job.id, as: .failed, reason: "no")
            try await tab.wait(for: "document.querySelector('#busy #job-\(job.id)') === null")
            #expect(abs(try #require(Double(try await tab.text(place))) - before) < 1)
            try await tab.close()
        }
    }

    @Test func `an outage is a bar above the page, time stands still, and it goes on by itself`() async throws {
        let site = try await BrowserBench()
        try await site.bench.queue()
        try await site.bench.run(to: nil)
        let tab = try await site.tab()
        let top = try await tab.text("document.querySelector('main').getBoundingClientRect().top")
        try await site.stop()
        try await tab.wait(for: "!document.querySelector('#outage').hidden")
        let said = try await tab.text("document.querySelector('#outage').textContent")
        #expect(said.hasPrefix("The server does not answer."))
        #expect(try await tab.text("document.querySelector('main').getBoundingClientRect().top") == top)
        let stands = """
            (async () => {
                const time = document.querySelector("#busy [data-since]");
                const before = time.textContent;
                await new Promise((go) => setTimeout(go, 3000));
                return before === time.textContent;
            })()
            """
        #expect(try await tab.text(stands) == "true")
        try await site.bench.store.finish(1, as: .failed, reason: "it ended meanwhile")
        try site.start()
        try await tab.wait(for: "document.querySelector('#outage').hidden")
        try await tab.wait(for: "document.querySelector('#recent').textContent.includes('it ended meanwhile')")
        #expect(try await tab.isLikeFresh())
    }

    @Test func `a job that waits for a slot says so, and the list of jobs is live`() async throws {
        let site = try await BrowserBench()
        try await site.bench.queue()
        try await site.bench.run(to: nil)
        let tab = try await site.tab("/jobs")
        try await site.bench.queue(target: "production")
        try await tab.wait(
            for: "document.querySelector('#job-2')?.textContent.includes('it waits for a free slot: job 1 is running')")
        let page = try await site.tab("/jobs/2")
        let reason = try await page.text("document.querySelector('.reason').textContent")
        #expect(reason.hasPrefix("it waits for a free slot"))
        // The job that is over frees the slot, which is another job's news.
        try await site.bench.store.finish(1, as: .failed, reason: "no")
        try await page.wait(for: "document.querySelector('.reason') === null")
        try await tab.bringToFront()
        try await tab.wait(for: "document.querySelector('#job-1').textContent.includes('failed')")
        try await page.bringToFront()
        try await site.bench.run(to: .failed, reason: "no")
        try await page.wait(for: "document.querySelector('#job .state').textContent === 'failed'")
        #expect(try await page.text("'position' in document.body.dataset") == "false")
    }

    @Test(arguments: ["/", "/jobs", "/jobs/1", "/jobs/2", "/login", "/nowhere"])
    func `a narrow screen needs no scrolling sideways`(path: String) async throws {
        let site = try await BrowserBench()
        let word = String(repeating: "unbreakable", count: 20)
        try await site.bench.queue(message: word, by: word, ref: "refs/heads/\(word)")
        try await site.bench.run(
            to: .failed, reason: word, steps: [.checkout, .test, .build, .push, .migrate, .release])
        try await site.bench.queue(message: word)
        try await site.bench.run(to: nil)
        await site.bench.logs.append(Array((word + "\n").utf8), job: 2, step: .build)
        _ = try await site.bench.store.lock(app: "my_app", target: "production", by: word, reason: word)
        let tab = try await site.tab(path, width: 320, height: 640)
        #expect(try await tab.text("innerWidth") == "320")
        let tooWide = """
            [...document.querySelectorAll("body *")].filter((element) => !element.closest(".hidden, .skip")
                && element.getBoundingClientRect().right > document.documentElement.clientWidth)
                .map((element) => element.outerHTML.slice(0, 100)).join("\\n")
            """
        #expect(try await tab.text("document.documentElement.scrollWidth <= innerWidth") == "true")
        #expect(try await tab.text(tooWide) == "")
        try await tab.save(as: "narrow\(path)")
    }
}

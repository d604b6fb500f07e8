import Foundation
import Glibc
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet
import SlipwayStore
import TestSupport
import Testing

@testable import SlipwayWeb

struct LogTests {
    private func bench() async throws -> WebBench {
        let bench = try await WebBench()
        try await bench.queue()
        _ = try await bench.store.claim(slots: 1) { _ in [.test, .build] }
        await bench.logs.append(Array("0123456789\n".utf8), job: 1, step: .test)
        await bench.logs.append(Array("abc\n".utf8), job: 1, step: .build)
        return bench
    }

    private func get(_ bench: WebBench, _ query: String, range: String? = nil) async throws -> HTTPResponse {
        var request = HTTPRequest(
            method: .get, target: try #require(HTTPTarget("/jobs/1/log" + query)),
            headers: ["Authorization": "Bearer guest-token-value"])
        request.headers["Range"] = range
        return await bench.router.respond(to: request)
    }

    @Test(arguments: [
        ("", "0123456789\nabc\n"), ("?step=test", "0123456789\n"), ("?step=build", "abc\n"), ("?step=push", ""),
        ("?from=9", "9\nabc\n"), ("?step=build&from=1", "bc\n"), ("?from=15", ""),
        ("?step=&from=&follow=", "0123456789\nabc\n"),
    ])
    func `gives a job's or a step's text from an offset on`(query: String, text: String) async throws {
        let bench = try await bench()
        let response = try await get(bench, query)
        #expect(response.status == .ok)
        #expect(response.headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(try await response.text == text)
    }

    @Test(arguments: [
        ("?step=nope", 400), ("?from=-1", 400), ("?from=x", 400), ("?from=16", 416), ("?from=16&follow=1", 416),
    ])
    func `refuses`(query: String, status: Int) async throws {
        let bench = try await bench()
        #expect(try await get(bench, query).status.code == status)
    }

    @Test(arguments: [
        ("bytes=0-3", "0123", "bytes 0-3/15"), ("bytes=11-", "abc\n", "bytes 11-14/15"),
        ("bytes=-4", "abc\n", "bytes 11-14/15"), ("bytes=-99", "0123456789\nabc\n", "bytes 0-14/15"),
        ("bytes=14-99999999999999999999", "\n", "bytes 14-14/15"),
    ])
    func `gives a range`(range: String, text: String, shown: String) async throws {
        let bench = try await bench()
        let response = try await get(bench, "", range: range)
        #expect(response.status == .partialContent)
        #expect(response.headers["Content-Range"] == shown)
        #expect(try await response.text == text)
    }

    @Test(arguments: ["bytes=15-", "bytes=15-20", "bytes=-0"]) func `has nothing there`(range: String) async throws {
        let bench = try await bench()
        let response = try await get(bench, "", range: range)
        #expect(response.status == .rangeNotSatisfiable)
        #expect(response.headers["Content-Range"] == "bytes */15")
        let error = try await response.object["error"] as? [String: Any]
        #expect(error?["message"] as? String == "the log has 15 bytes")
    }

    @Test(arguments: ["lines=0-3", "bytes=3-1", "bytes=0-1,3-4", "bytes=a-b", "bytes=", "bytes=--1", "bytes=1"])
    func `ignores a range it does not understand`(range: String) async throws {
        let bench = try await bench()
        #expect(try await get(bench, "", range: range).status == .ok)
    }

    @Test func `a large log is streamed whole`() async throws {
        let bench = try await bench()
        let line = Array((String(repeating: "x", count: 9_999) + "\n").utf8)
        for _ in 0..<40 { await bench.logs.append(line, job: 1, step: .build) }
        let response = try await get(bench, "?step=build")
        guard case .stream = response.body else {
            Issue.record("in one piece")
            return
        }
        #expect(try await response.collected.count == 400_004)
        #expect(try await get(bench, "?step=build", range: "bytes=4-300003").collected.count == 300_000)
    }

    @Test func `follows until the job ends`() async throws {
        let bench = try await bench()
        let response = try await get(bench, "?from=11&follow=1")
        guard case .stream(let write) = response.body else { throw WebBench.NoJob() }
        let reader = StreamReader()
        async let ended: Void = write(HTTPBodyWriter { await reader.add($0) })
        try await reader.wait(for: "abc\n")
        await bench.logs.append(Array("more\n".utf8), job: 1, step: .build)
        try await reader.wait(for: "more\n")
        await bench.logs.append(Array("last\n".utf8), job: 1, step: .build)
        try await bench.store.finish(1, as: .failed, reason: "no")
        try await ended
        #expect(await reader.text == "abc\nmore\nlast\n")
    }

    @Test func `follows one step only, and an ended job at once`() async throws {
        let bench = try await bench()
        try await bench.store.finish(1, as: .failed, reason: "no")
        #expect(try await get(bench, "?step=build&follow=1").text == "abc\n")
    }

    /// A line without an end is shown at once, and its bytes are sent once.
    @Test func `follows a line that has no end yet`() async throws {
        let bench = try await bench()
        let response = try await get(bench, "?from=15&follow=1")
        guard case .stream(let write) = response.body else { throw WebBench.NoJob() }
        let reader = StreamReader()
        async let ended: Void = write(HTTPBodyWriter { await reader.add($0) })
        for dots in ["..", "....", "......"] {
            await bench.logs.show(Array(dots.utf8), job: 1, step: .test)
            try await reader.wait(for: dots)
        }
        await bench.logs.append(Array("......ok\n".utf8), job: 1, step: .test)
        try await reader.wait(for: "ok\n")
        #expect(await reader.text == "......ok\n")
        await bench.logs.show(Array("\u{1B}[31m10%".utf8), job: 1, step: .test)
        try await reader.wait(for: "10%")
        await bench.logs.show(Array("20%".utf8), job: 1, step: .test)
        try await reader.wait(for: "20%")
        await bench.logs.append(Array("built\n".utf8), job: 1, step: .build)
        try await reader.wait(for: "built\n")
        await bench.logs.append(Array("100%\n".utf8), job: 1, step: .test)
        try await bench.store.finish(1, as: .failed, reason: "no")
        try await ended
        // Without what was drawn over, it is the log.
        let text = await reader.text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line[(line.lastIndex(of: "\r").map { line.index(after: $0) } ?? line.startIndex)...])
        }
        #expect(lines.joined(separator: "\n") == "......ok\nbuilt\n100%\n")
        #expect(text.contains("\u{1B}[31m10%\u{1B}[0m\u{1B}[2K\r20%"))
    }

    /// As `wait=1` does it.
    @Test func `a heartbeat's line does not join a line that has no end`() async throws {
        let bench = try await bench()
        let reader = StreamReader()
        let follower = LogFollower(logs: bench.logs, history: bench.store, feed: bench.feed)
        await bench.logs.show(Array("..".utf8), job: 1, step: .test)
        let job = try await follower.follow(job: 1, step: .test, from: 11, every: .milliseconds(1)) { _ in
            await reader.add(Array("slipway: beat\n".utf8))
            await bench.logs.append(Array("..ok\n".utf8), job: 1, step: .test)
            try await bench.store.finish(1, as: .failed, reason: "no")
        } write: { piece in
            await reader.add(piece)
        }
        #expect(job?.state == .failed)
        #expect(await reader.text == "..\u{1B}[0m\u{1B}[2K\rslipway: beat\n..ok\n")
    }

    private func longBench() async throws -> (bench: WebBench, hole: Range<Int>) {
        let bench = try await WebBench(publicStatus: true, logBound: 4096)
        try await bench.queue()
        _ = try await bench.store.claim(slots: 1) { _ in [.test, .build] }
        for number in 0..<1000 {
            await bench.logs.append(Array("line \(1000 + number)\n".utf8), job: 1, step: .test)
        }
        return (bench, try #require(try await bench.logs.omitted(job: 1, step: .test).first))
    }

    @Test(arguments: ["?step=test", "?"]) func `a read within what is left out gets a line that says so`(query: String)
        async throws
    {
        let (bench, hole) = try await longBench()
        let note = "slipway: \(hole.count) bytes of test's output are left out here\n"
        let tail = (0..<1000).map { "line \(1000 + $0)\n" }.joined().dropFirst(hole.upperBound)
        #expect(try await get(bench, query + "&from=\(hole.lowerBound + 3)").text == note + tail)
        #expect(try await get(bench, query + "&from=\(hole.upperBound)").text == tail)
        let whole = try await get(bench, query).text
        #expect(whole.hasPrefix("line 1000\n") && whole.hasSuffix(note + tail) && whole.utf8.count < 4200)
        try await bench.store.finish(1, as: .failed, reason: "no")
        #expect(try await get(bench, query + "&follow=1").text == whole)
        #expect(try await get(bench, query + "&follow=1&from=\(hole.lowerBound + 9)").text == note + tail)
    }

    @Test func `a range within what is left out cannot be had`() async throws {
        let (bench, hole) = try await longBench()
        for start in [hole.lowerBound, hole.upperBound - 1] {
            let response = try await get(bench, "?step=test", range: "bytes=\(start)-\(start + 9)")
            #expect(response.status == .rangeNotSatisfiable)
            let error = try await response.object["error"] as? [String: Any]
            #expect((error?["message"] as? String)?.contains("\(hole.lowerBound) to \(hole.upperBound - 1)") == true)
        }
        let before = try await get(bench, "?step=test", range: "bytes=\(hole.lowerBound - 10)-\(hole.upperBound + 10)")
        #expect(before.status == .partialContent)
        #expect(before.headers["Content-Range"] == "bytes \(hole.lowerBound - 10)-\(hole.lowerBound - 1)/10000")
        #expect(try await before.text.utf8.count == 10)
        #expect(try await get(bench, "?step=test", range: "bytes=-10").text == "line 1999\n")
    }

    @Test func `a job's JSON says what is left out of its log, to those who may read it`() async throws {
        let (bench, hole) = try await longBench()
        let job = try await bench.get("/jobs/1").object
        let steps = try #require(job["steps"] as? [[String: Any]])
        #expect(steps[0]["omitted"] as? [String: Int] == ["from": hole.lowerBound, "to": hole.upperBound])
        #expect(steps[1]["omitted"] is NSNull)
        #expect(job["omitted"] as? [String: Int] == ["from": hole.lowerBound, "to": hole.upperBound])
        #expect(try await bench.get("/jobs/1", token: nil).text.contains("omitted") == false)
    }

    @Test func `a page's log is drawn by one hand, and Slipway's lines so that no command can look like them`()
        async throws
    {
        let bench = try await bench()
        await bench.logs.append(Array("| slipway: theirs\n".utf8), job: 1, step: .test)
        await bench.logs.append(Array("slipway: ours <b>\n".utf8), job: 1, step: .test, isOwn: true)
        await bench.logs.show(Array("\u{1B}[32mgo on?".utf8), job: 1, step: .test)
        let own = #"<span class="own">slipway: ours &lt;b&gt;"# + "\n</span>"
        let unfinished = #"<span class="unfinished"><span class="fg2">go on?</span></span>"#
        let page = try await bench.get("/jobs/1", accept: "text/html").text
        #expect(page.contains(own) && page.contains(unfinished) && page.contains("\n| slipway: theirs\n"))
        let size = try await bench.logs.size(job: 1, step: nil)
        let added = try await get(bench, "?as=html&from=11")
        #expect(added.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(
            try await added.text == "<pre data-start=\"11\" data-end=\"\(size)\"><span class=\"piece\">"
                + "abc\n| slipway: theirs\n\(own)</span>\(unfinished)</pre>\n")
        #expect(try await bench.get("/jobs/1/log?as=html", token: nil).status == .unauthorized)
    }

    @Test func `what is added to a page ends with a line, whoever's line the piece is cut in`() async throws {
        let bench = try await WebBench()
        try await bench.queue()
        _ = try await bench.store.claim(slots: 1) { _ in [.test] }
        let line = String(repeating: "x", count: 65_520)
        await bench.logs.append(Array((line + "\n").utf8), job: 1, step: .test)
        await bench.logs.append(Array("slipway: a line that is cut\n".utf8), job: 1, step: .test, isOwn: true)
        await bench.logs.show(Array("go on?".utf8), job: 1, step: .test)
        let first = "<pre data-start=\"0\" data-end=\"65521\"><span class=\"piece\">\(line)\n</span></pre>\n"
        #expect(try await get(bench, "?as=html").text == first)
        let rest = try await get(bench, "?as=html&from=65521").text
        #expect(rest.contains("<span class=\"own\">slipway: a line that is cut\n</span>"))
        #expect(rest.contains("<span class=\"unfinished\">"), "only behind the last line")
    }

    @Test func `a page has some thousand lines at most, and one that fell behind goes on further down`() async throws {
        let bench = try await WebBench()
        try await bench.queue()
        _ = try await bench.store.claim(slots: 1) { _ in [.test] }
        await bench.logs.append(Array(String(repeating: "x\n", count: 10_000).utf8), job: 1, step: .test)
        let page = try await bench.get("/jobs/1", accept: "text/html").text
        #expect(page.count { $0 == "x" } > 2000 && page.contains("<span class=\"piece\">x\n"))
        #expect(page.split(separator: "x\n").count < 2100)
        let next = try await get(bench, "?as=html&from=0").text
        #expect(next.hasPrefix("<pre data-start=\"0\" data-end=\"2000\">"), "a thousand lines")
        await bench.logs.append(Array(String(repeating: "y\n", count: 200_000).utf8), job: 1, step: .test)
        let end = try await get(bench, "?as=html&from=2000").text
        #expect(end.hasPrefix("<pre data-start=\"418000\" data-end=\"420000\">"))
    }

    @Test func `a reader who leaves lets go of the feed`() async throws {
        let bench = try await bench()
        let response = try await get(bench, "?follow=1")
        try await reading(response) { reader in try await reader.wait(for: "abc\n") }
        // What is written to nobody fails nothing.
        await bench.logs.append(Array("more\n".utf8), job: 1, step: .build)
        try await bench.store.finish(1, as: .failed, reason: "no")
    }

    @Test(.endsIfItHangs) func `a thousand readers follow one log to its end`() async throws {
        raiseFileLimit()
        let bench = try await bench()
        let server = try HTTPServer(host: "127.0.0.1", port: 0, limits: .patient, router: bench.router)
        let running = Task { try await server.run() }
        defer { running.cancel() }
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<1000 {
                let stream = try await Connector.connect(host: "127.0.0.1", port: server.port)
                try await stream.write(
                    Array(
                        """
                        GET /jobs/1/log?follow=1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer guest-token-value\r\n\
                        Connection: close\r\n\r\n
                        """.utf8))
                group.addTask {
                    var bytes: [UInt8] = []
                    while let piece = try await stream.read() { bytes += piece }
                    return String(decoding: bytes, as: UTF8.self)
                }
            }
            for number in 0..<20 { await bench.logs.append(Array("line \(number)\n".utf8), job: 1, step: .build) }
            try await bench.store.finish(1, as: .failed, reason: "no")
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let log = "0123456789\nabc\n" + (0..<20).map { "line \($0)\n" }.joined()
        #expect(answers.count == 1000)
        #expect(answers.allSatisfy { unchunked($0) == log })
        running.cancel()
        try await running.value
    }

    /// Client and server are in this process.
    private func raiseFileLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// The content of a whole response in chunks; nil for anything else.
    private func unchunked(_ response: String) -> String? {
        var lines = response.components(separatedBy: "\r\n")[...]
        guard lines.first == "HTTP/1.1 200 OK", let end = lines.firstIndex(of: "") else { return nil }
        lines = lines[(end + 1)...]
        var content = ""
        while let size = lines.popFirst().flatMap({ Int($0, radix: 16) }) {
            guard size > 0 else { return content }
            guard let chunk = lines.popFirst(), chunk.utf8.count == size else { return nil }
            content += chunk
        }
        return nil
    }
}

import SlipwayBase
import SlipwayHTTP
import Testing

@testable import HerokuSandbox

@Suite struct `Parts of the sandbox that need nothing` {
    @Test func `reads ranges as clients write them`() throws {
        let plain = try ListRange(nil, attributes: ["version", "id"])
        #expect(plain.attribute == "version")
        #expect(plain.max == 200)
        let newest = try ListRange("version ..; max=1, order=desc", attributes: ["version", "id"])
        #expect(newest.descending && newest.max == 1)
        let from = try ListRange("id ]abc..def; max=10;order=asc", attributes: ["version", "id"])
        #expect(from.excludesFirst && from.first == "abc" && from.last == "def" && !from.descending)
        for bad in ["size ..", "version 1-2", "version ..; max=0", "version ..; max=1001", "version ..; order=up", ""] {
            #expect(throws: APIError.self) { try ListRange(bad, attributes: ["version"]) }
        }
    }

    @Test func `cuts pages with both ends`() throws {
        let range = try ListRange("n 3..9; max=4", attributes: ["n"])
        let page = ListPage(of: Array(1...20), range) { String($0) }
        #expect(page.items == [3, 4, 5, 6])
        #expect(page.nextRange == "n ]6..9; max=4")
        let next = try ListRange(page.nextRange, attributes: ["n"])
        let last = ListPage(of: Array(1...20), next) { String($0) }
        #expect(last.items == [7, 8, 9])
        #expect(last.nextRange == nil)
    }

    @Test func `takes image ids with and without the prefix`() {
        let digits = String(repeating: "aB", count: 32)
        #expect(Platform.digest(digits) == "sha256:" + digits.lowercased())
        #expect(Platform.digest("sha256:" + digits) == "sha256:" + digits.lowercased())
        #expect(Platform.digest("sha256:12") == nil)
        #expect(Platform.digest(String(repeating: "x", count: 64)) == nil)
    }

    @Test func `matches faults by method and path`() {
        let fault = Fault(.drop, method: .patch, path: "/apps/*/formation")
        #expect(fault.matches(.patch, "/apps/my-app/formation"))
        #expect(!fault.matches(.get, "/apps/my-app/formation"))
        #expect(!fault.matches(.patch, "/apps/my-app/formation/web"))
        #expect(Fault(.drop, path: "/apps/**").matches(.get, "/apps/my-app/formation/web"))
        #expect(!Fault(.drop, path: "/apps/**").matches(.get, "/account"))
    }

    @Test func `refills the rate limit by 75 a minute`() {
        let start = ContinuousClock.now
        var limit = RateLimit(now: start)
        limit.set(0, now: start)
        let taken = limit.take(now: start)
        #expect(!taken)
        let afterMinute = limit.remaining(now: start + .seconds(60))
        #expect(afterMinute == 75)
        let afterDay = limit.remaining(now: start + .seconds(86_400))
        #expect(afterDay == 4500)
    }

    @Test func `is a terminal to those who want one`() {
        let terminal = Terminal(isPresent: true)
        #expect(terminal.printed(Array("a\nb".utf8)) == Array("a\r\nb".utf8))
        #expect(terminal.pressed([0x61, 0x0D, 0x04]) == [.bytes([0x61, 0x0A]), .endOfFile])
        #expect(terminal.pressed([0x03, 0x62]) == [.signal("INT"), .bytes([0x62])])
        #expect(terminal.echo([0x61]) == [0x61])
        let none = Terminal(isPresent: false)
        #expect(none.printed(Array("a\n".utf8)) == Array("a\n".utf8))
        #expect(none.echo([0x61]).isEmpty)
    }

    @Test func `keeps config vars out of the arguments`() {
        let container = ContainerSpec(
            name: "dyno", image: "r/a/web@sha256:1",
            environment: ["SECRET": "s3cr3t-value", "DOCKER_HOST": "unix:///x"],
            entrypoint: "/bin/sh", arguments: ["-c", "true"], isAttached: true, user: "1:1", memory: "64m", processes: 8
        )
        let line = container.arguments(label: "slipway.sandbox=/x").joined(separator: " ")
        #expect(!line.contains("s3cr3t-value"))
        #expect(line.contains("--env SECRET "))
        #expect(container.clientEnvironment == ["SECRET": "s3cr3t-value"])
        // The client would obey it: it goes to the wrong engine, or to the container as an argument.
        #expect(line.contains("--env DOCKER_HOST=unix:///x"))
        #expect(line.hasSuffix("--interactive --user 1:1 --entrypoint /bin/sh r/a/web@sha256:1 -c true"))
        #expect(line.contains("--network host"))
    }

    @Test func `cuts lines across pieces`() {
        var splitter = LineSplitter()
        #expect(splitter.split(Array("one\r\ntw".utf8)) == ["one"])
        #expect(splitter.split(Array("o\n\nthree".utf8)) == ["two", ""])
        #expect(splitter.finish() == "three")
        #expect(splitter.finish() == nil)
        #expect(splitter.split(Array(repeating: 0x61, count: 10_001)).map(\.utf8.count) == [10_000])
    }

    @Test func `writes log lines as the platform does`() {
        let line = LogLine(
            number: 0, time: Timestamp(milliseconds: 1_700_000_000_123), source: "heroku", dyno: "run.1",
            message: "Process exited with status 0")
        #expect(line.text == "2023-11-14T22:13:20.123000+00:00 heroku[run.1]: Process exited with status 0")
    }

    @Test func `counts lines before it filters them`() async {
        let log = AppLog()
        for number in 0..<AppLog.capacity + 5 { log.append("app", "web.1", String(number)) }
        #expect(log.lines.count == AppLog.capacity)
        #expect(log.lines.first?.message == "5")
        let (backlog, stream) = log.follow(last: 2)
        #expect(backlog.map(\.message) == ["1503", "1504"])
        log.append("app", "web.1", "next")
        var lines = stream.makeAsyncIterator()
        #expect(await lines.next()?.message == "next")
    }

    @Test func `names every behaviour in JSON and refuses others`() throws {
        var behaviour = Behaviour()
        try behaviour.update(["boot_timeout_ms": 1500, "dyno_conflicts": 3, "ignores_image_user": false])
        #expect(behaviour.bootTimeout == .milliseconds(1500))
        #expect(behaviour.dynoConflicts == 3)
        #expect(!behaviour.ignoresImageUser)
        var copy = Behaviour()
        try copy.update(behaviour.json)
        #expect(copy.json == behaviour.json)
        #expect(behaviour.json.object?.count == Mirror(reflecting: behaviour).children.count)
        #expect(throws: APIError.self) { try behaviour.update(["boot_timeout_ms": "soon"]) }
        #expect(throws: APIError.self) { try behaviour.update(["boot_timeout_ms": 1, "typo": 1]) }
        #expect(behaviour.bootTimeout == .milliseconds(1500))
    }

    @Test(arguments: [
        ("a  b\tc", ["a", "b", "c"]), (#"a 'b c' "d e""#, ["a", "b c", "d e"]), (#"'' x"#, ["", "x"]),
        (#"a'b'"c"\ d"#, ["abc d"]), (#""a\"\\\n""#, [#"a"\\n"#]), (#"'it'\''s'"#, ["it's"]), ("", []),
    ])
    func `cuts a command line into words as a shell does`(_ line: String, _ words: [String]) {
        #expect(ShellWords.split(line) == words)
    }
}

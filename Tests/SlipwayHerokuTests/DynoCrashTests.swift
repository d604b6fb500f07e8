import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

struct DynoCrashTests {
    private func crash(_ log: String, on version: Int = 8) -> DynoCrash {
        DynoCrash(
            of: "web.1", on: version,
            in: log.split(separator: "\n").compactMap { LogLine("2026-11-22T19:00:00Z " + $0) })
    }

    private func said(_ log: String) -> [String] { crash(log).lines.filter { $0.source == "app" }.map(\.message) }

    private let earlier = """
        app[api]: Release v7 created by user ops@example.com
        heroku[web.1]: Starting process with command `old`
        app[web.1]: Error: the mistake of yesterday
        heroku[web.1]: Process exited with status 9
        heroku[web.1]: State changed from starting to crashed

        """

    private let now = """
        app[api]: Release v8 created by user ops@example.com
        app[worker.1]: Error: another's
        heroku[web.1]: Starting process with command `new`
        app[web.1]: Error: the mistake of today
        heroku[web.1]: Process exited with status 1
        heroku[web.1]: State changed from starting to crashed

        """

    @Test func `only what the dyno said since this release is told`() {
        #expect(said(earlier + now) == ["Error: the mistake of today"])
        #expect(crash(earlier + now).exit == ExitStatus(code: 1))
    }

    @Test func `only what it said since it was last started is told, by a restart too`() {
        let again = now.split(separator: "\n").dropFirst().joined(separator: "\n").replacing("today", with: "now")
        #expect(said(now + again) == ["Error: the mistake of now"])
        // It is starting once more, and has said nothing yet.
        let next =
            again
            + "\nheroku[web.1]: State changed from crashed to starting\nheroku[web.1]: Starting process with command `new`"
        #expect(said(now + next) == ["Error: the mistake of now"])
    }

    @Test func `the end of the dyno that it replaces is another's`() {
        let old = """
            heroku[web.1]: Stopping all processes with SIGTERM
            app[web.1]: bye
            heroku[web.1]: Process exited with status 143

            """
        #expect(crash(now + old).exit == ExitStatus(code: 1))
        let before = now.replacing("`new`\n", with: "`new`\n" + old)
        #expect(crash(before).exit == ExitStatus(code: 1))
    }

    @Test func `a log that lost its beginning still tells what there is`() {
        #expect(said("app[web.1]: Error: x\nheroku[web.1]: Process exited with status 1\n") == ["Error: x"])
        #expect(said("").isEmpty && crash("").exit == nil)
    }

    @Test(arguments: [
        ("Process exited with status 1", "exited with status 1, most often because a config var is missing"),
        (
            "Process exited with status 127",
            "exited with status 127 (no such command in the image); an image without /bin/sh"
        ),
        ("Process exited with status 126", "exited with status 126 (it cannot be executed"),
        ("Process exited with status 137", "exited with status 137 (killed, most often for its memory)"),
        ("Process exited with status 0", "exited with status 0: its command has to go on"),
        ("Process exited with status 3", "exited with status 3"),
        ("Error R10 (Boot timeout) -> Web process failed", "did not listen on $PORT within 60 s (R10)"),
        (
            "State changed from starting to crashed",
            "crashes: it runs as another user than root and needs an image for linux/amd64, and a web"
        ),
    ])
    func `the cause is by what Heroku says of the end`(_ line: String, _ words: String) {
        #expect(crash("heroku[web.1]: \(line)").cause(app: "my-app").hasPrefix(words))
    }
}

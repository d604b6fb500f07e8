import Foundation
import SlipwayBase
import SlipwayCore
import TestSupport
import Testing

@testable import SlipwayDeploy

struct CommandRunnerTests {
    let runner = CommandRunner(grace: .milliseconds(200))

    private func shell(_ script: String, environment: [String: String] = CommandEnvironment.docker()) -> Command {
        Command("/bin/sh", ["-c", script], environment: environment)
    }

    @Test func `collects output, keeps the error output apart and says how it ended`() async throws {
        let result = try await runner.collect(shell("echo out; echo err >&2; exit 3"))
        #expect(result.text == "out\n")
        #expect(result.lastLine == "err")
        #expect(result.exit == .code(3))
        #expect(!result.succeeded)
    }

    @Test func `streams both outputs in order`() async throws {
        let book = MemoryLogBook()
        let result = try await runner.stream(shell("echo 1; echo 2 >&2; printf 3"), to: book.stepLog())
        #expect(book.text(.test) == "1\n2\n3\n")
        #expect(result.lastWords == "1\n2\n3")
    }

    @Test func `reads past the limit instead of standing still`() async throws {
        let result = try await runner.collect(shell("yes | head -c 3000000; yes | head -c 3000000 >&2"), limit: 1000)
        #expect(result.output.count == 1000)
    }

    @Test func `a command finds nothing to read, and does not wait for it`() async throws {
        #expect(try await runner.collect(shell("cat; echo end")).text == "end\n")
    }

    @Test func `a start ends the commands that a killed server of its own left, with all they started`() async throws {
        let folder = try TemporaryFolder()
        let book = MemoryLogBook()
        let (ours, others) = (CommandRunner(instance: UUID().uuidString), CommandRunner(instance: UUID().uuidString))
        async let left = ours.stream(
            shell("sleep 600 & echo $! >\(folder.path)/child; echo up; wait"), to: book.stepLog())
        async let other = others.collect(shell("until test -e \(folder.path)/end; do sleep 0.02; done"))
        try await book.waitFor("up", in: .test)
        #expect(ours.endLeftovers() == 2)
        #expect(try await left.exit == .signal(SIGKILL))
        #expect(ours.endLeftovers() == 0)
        try folder.write("", to: "end")
        #expect(try await other.succeeded)
        #expect(CommandRunner().endLeftovers() == 0)
    }

    @Test func `a command sees the environment it was given and no more`() async throws {
        setenv("SLIPWAY_TEST_SECRET", "hunter2hunter2", 1)
        let picked = CommandEnvironment.docker(from: [
            "PATH": "/bin:/usr/bin", "DOCKER_HOST": "unix:///x", "HEROKU_API_KEY": "k", "GITHUB_TOKEN": "t",
        ])
        let text = try await runner.collect(shell("env", environment: picked)).text
        let names = Set(text.split(separator: "\n").compactMap { $0.split(separator: "=").first.map(String.init) })
        #expect(names.subtracting(["PWD", "SHLVL", "_"]) == ["PATH", "DOCKER_HOST", "LANG"])
    }

    @Test func `names a command that is not installed`() async throws {
        let command = Command("no-such-program", [], environment: CommandEnvironment.docker())
        await #expect(throws: CommandError.notFound("no-such-program")) { try await runner.collect(command) }
        let path = Command("/no/such/program", [], environment: [:])
        await #expect(throws: CommandError.self) { try await runner.collect(path) }
    }

    @Test func `ends a command that takes too long`() async throws {
        await #expect(throws: CommandError.timedOut("/bin/sh", after: .milliseconds(100))) {
            try await runner.collect(shell("sleep 600"), within: .milliseconds(100))
        }
    }

    @Test func `cancellation ends grandchildren, also those that will not listen`() async throws {
        let folder = try TemporaryFolder()
        let book = MemoryLogBook()
        let script = """
            trap '' TERM
            sh -c 'trap "" TERM; echo $$ > \(folder.path)/grandchild; while :; do sleep 1; done' &
            while [ ! -s \(folder.path)/grandchild ]; do sleep 0.01; done
            echo ready
            while :; do sleep 1; done
            """
        let task = Task { try await runner.stream(shell(script), to: book.stepLog()) }
        try await book.waitFor("ready", in: .test)
        let grandchild = try #require(
            pid_t(try folder.read("grandchild").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(grandchild, 0) == 0)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await waitUntil("the end of the grandchild") { isGone(grandchild) }
    }

    @Test func `a grandchild that keeps the output open does not keep us`() async throws {
        let folder = try TemporaryFolder()
        let book = MemoryLogBook()
        let result = try await runner.stream(
            shell(
                "sh -c 'echo $$ > \(folder.path)/pid; exec sleep 86400' & while [ ! -s \(folder.path)/pid ]; do sleep 0.01; done; echo done"
            ),
            to: book.stepLog())
        #expect(result.succeeded)
        #expect(book.text(.test) == "done\n")
        let pid = try #require(pid_t(try folder.read("pid").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(pid, SIGKILL) == 0, "it was waited for")
    }

    @Test func `a command that prints without end is read as far as anybody wants`() async throws {
        let read = Current(0)
        let result = try await runner.read(shell("exec yes"), within: .seconds(600)) { chunk in
            read.value += chunk.count
            return read.value < 100_000
        }
        #expect(!result.succeeded)
        #expect(read.value >= 100_000)
        let whole = Current<[UInt8]>([])
        let ended = try await runner.read(shell("echo one; echo two; echo no >&2; exit 3"), within: .seconds(600)) {
            chunk in
            whole.value += chunk
            return true
        }
        #expect(ended.exit == .code(3) && ended.lastLine == "no")
        #expect(whole.value == Array("one\ntwo\n".utf8))
    }

    @Test func `a cancelled task starts nothing`() async throws {
        let folder = try TemporaryFolder()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await runner.collect(shell("touch \(folder.path)/ran"))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!folder.has("ran"))
    }

    @Test func `reads as an operator would type it`() {
        let command = Command("git", ["log", "--format=%an", "it's", "a b", "", "$HOME"], environment: ["TOKEN": "x"])
        #expect(command.description == #"git log --format=%an 'it'\''s' 'a b' '' '$HOME'"#)
    }

    /// A killed orphan is gone once its new parent has reaped it, which is not ours to time.
    private func isGone(_ pid: pid_t) -> Bool {
        if kill(pid, 0) != 0 { return true }
        let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        return status?.contains(") Z ") == true
    }
}

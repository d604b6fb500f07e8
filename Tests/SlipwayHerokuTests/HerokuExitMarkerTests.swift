import Foundation
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

/// The wrapped command in a real shell, as a dyno runs it: `/bin/sh -c` and the line.
struct HerokuExitMarkerTests {
    struct Case: Sendable {
        var command: String
        var output: String
        var code: Int

        init(_ command: String, _ output: String, _ code: Int) {
            self.command = command
            self.output = output
            self.code = code
        }
    }

    private func shell(_ line: String) throws -> (output: [UInt8], status: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_adddup2(&files, ends[1], 1)
        posix_spawn_file_actions_addclose(&files, ends[0])
        posix_spawn_file_actions_addclose(&files, ends[1])
        posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0)
        // An input that says something: none of it is the command's.
        posix_spawn_file_actions_addopen(&files, 0, "/etc/passwd", O_RDONLY, 0)
        let words = ["sh", "-c", line]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        try #require(posix_spawn(&child, "/bin/sh", &files, nil, &arguments, environ) == 0)
        close(ends[1])
        let output = try FileHandle(fileDescriptor: ends[0], closeOnDealloc: true).readToEnd() ?? Data()
        var status: Int32 = 0
        waitpid(child, &status, 0)
        return (Array(output), status >> 8 & 0xFF)
    }

    @Test(arguments: [
        Case("echo done", "done\n", 0),
        Case("printf 'no newline'; false", "no newline\n", 1),
        Case("exit 3", "", 3),
        // Nobody answers.
        Case("echo sure?; read answer; echo $?", "sure?\n1\n", 0),
        Case("exec sh -c 'exit 4'", "", 4),
        Case("kill -9 $$", "", 137),
        Case("no-such-command-here", "", 127),
        Case("echo \"it's $((1 + 1))\" && echo 'a  b' # not the end", "it's 2\na  b\n", 0),
        Case("set -e\nfor n in 1 2; do\n  echo $n\ndone\nfalse\necho never", "1\n2\n", 1),
        Case("echo slipway-x exit=0; exit 5", "slipway-x exit=0\n", 5),
    ])
    func `output and exit code come back whole`(test: Case) throws {
        let marker = ExitMarker.random()
        let (bytes, status) = try shell(marker.wrap(test.command))
        var scanner = ExitMarkerScanner(marker)
        let output = scanner.take(bytes) + scanner.finish()
        #expect(String(decoding: output, as: UTF8.self) == test.output)
        #expect(scanner.exitCode == test.code)
        #expect(Int(status) == test.code)
    }

    @Test func `two runs have two nonces`() {
        #expect(ExitMarker.random().nonce != ExitMarker.random().nonce)
        #expect(ExitMarker.random().nonce.utf8.count == 32)
    }
}

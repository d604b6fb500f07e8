import ArgumentParser
import Foundation

/// Text for the person who started the program.
enum Terminal {
    /// The standard output takes no more.
    struct Full: Error, CustomStringConvertible {
        /// As in `errno`.
        let code: Int32

        var description: String { "the output cannot be written: \(String(cString: strerror(code)))" }

        /// As other programs do: a reader who has seen enough, as in `slipway check | head -n 1`, ends it in silence by
        /// SIGPIPE, unless whoever started it wants to hear of that; a full disk is an error.
        func exit() -> Never {
            if code == EPIPE, !ProcessSettings.hearOfBrokenPipes {
                signal(SIGPIPE, SIG_DFL)
                raise(SIGPIPE)
            }
            Terminal.printError("slipway: \(self)")
            Foundation.exit(ExitStatus.failed.rawValue)
        }
    }

    /// Unbuffered, so that lines come as they happen also through a pipe.
    /// - Throws: `Full`: a script must not go on with half of what it asked for.
    static func print(_ line: String) throws(Full) {
        if let code = write(line + "\n", to: STDOUT_FILENO) { throw Full(code: code) }
    }

    /// Where it cannot be written nobody is left to tell.
    static func printError(_ line: String) { _ = write(line + "\n", to: STDERR_FILENO) }

    /// - Returns: why it could not be written.
    private static func write(_ text: String, to descriptor: Int32) -> Int32? {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN { waitUntilWritable(descriptor); continue }
                return errno
            }
            bytes = bytes.dropFirst(count)
        }
        return nil
    }

    /// Whoever shares the terminal or the pipe may have made it non-blocking (ssh and node do).
    private static func waitUntilWritable(_ descriptor: Int32) {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wanted, 1, -1)
    }
}

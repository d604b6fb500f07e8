import Foundation

/// Text for the person who started the program.
enum Terminal {
    /// Unbuffered, so that lines come as they happen also through a pipe.
    static func print(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

    static func printError(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Nobody is left to tell.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

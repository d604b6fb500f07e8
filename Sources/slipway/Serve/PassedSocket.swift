import Foundation
import SlipwayNet

/// The listening socket that systemd passes in (sd_listen_fds(3)): while slipway restarts, systemd holds it, and
/// whoever connects meanwhile waits instead of being refused.
enum PassedSocket {
    /// The first of the descriptors that are passed, by systemd's convention.
    private static let first: Int32 = 3

    /// - Returns: nil where none is passed to this process.
    /// - Throws: `PassedSocketError` for more than one, `ListenError` for what is not a listening socket.
    static func take() throws -> ListeningSocket? {
        let environment = ProcessInfo.processInfo.environment
        // Not for git, Docker and what else is started here.
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
        guard let count = count(in: environment, pid: getpid()) else { return nil }
        guard count == 1 else { throw PassedSocketError.severalSockets(count) }
        return try ListeningSocket(inherited: first)
    }

    /// - Returns: nil: none, or meant for another process.
    static func count(in environment: [String: String], pid: Int32) -> Int? {
        guard environment["LISTEN_PID"].flatMap(Int32.init) == pid else { return nil }
        return environment["LISTEN_FDS"].flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
    }
}

enum PassedSocketError: Error, CustomStringConvertible {
    case severalSockets(Int)

    var description: String {
        switch self {
        case .severalSockets(let count):
            "\(count) sockets were passed in and slipway serves one: give its socket unit one ListenStream"
        }
    }
}

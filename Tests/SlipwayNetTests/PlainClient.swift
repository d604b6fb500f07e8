import Glibc

/// A client on a blocking socket of its own, for what no stream of ours does.
final class PlainClient: Sendable {
    private let descriptor: Int32

    struct Failed: Error {
        var call: String
        var code = errno
    }

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(call: "socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failed(call: "connect") }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Failed(call: "send")
        }
    }

    /// Until the other side's kernel has everything.
    func waitUntilTaken() throws {
        var unsent: Int32 = 1
        while unsent > 0 {
            guard ioctl(descriptor, UInt(TIOCOUTQ), &unsent) == 0 else { throw Failed(call: "ioctl") }
            sched_yield()
        }
    }

    /// Ends the connection as one that broke (socket(7), SO_LINGER).
    func reset() throws {
        var linger = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout.size(ofValue: linger))
        guard setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, size) == 0 else {
            throw Failed(call: "setsockopt")
        }
        // In place of the connection, so that the descriptor is closed once.
        let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard other >= 0, dup2(other, descriptor) >= 0, close(other) == 0 else { throw Failed(call: "dup2") }
    }
}

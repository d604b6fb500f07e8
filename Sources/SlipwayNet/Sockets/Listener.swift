import CLinux
import Glibc
import SlipwayBase

/// Accepts connections on an address.
package final class Listener: Sendable {
    /// The port it listens on, also when 0 was asked for.
    package let port: Int

    private let acceptor: Acceptor
    private let tls: TLSServerContext?

    /// Binds and listens.
    /// - Parameters:
    ///   - host: an address; `::` takes IPv4 too.
    ///   - tls: nil: plain TCP.
    package init(host: String, port: Int, tls: TLSServerContext? = nil) throws {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        defer { if code == 0 { freeaddrinfo(list) } }
        guard code == 0, let first = list?.pointee, let pointer = first.ai_addr else {
            throw ListenError.notAnAddress(host)
        }
        let address = SocketAddress(pointer, length: first.ai_addrlen)
        let descriptor = clinux_socket(address.family)
        guard descriptor >= 0 else { throw SystemError("socket") }
        // From here on the socket closes itself when something fails.
        let socket = Socket(descriptor, loop: try EventLoops.next())
        var on: Int32 = 1
        var off: Int32 = 0
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        if address.family == AF_INET6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, size) }
        guard address.withPointer({ bind(descriptor, $0, $1) }) == 0 else {
            throw ListenError.cannotBind(host: host, port: port, SystemError("bind"))
        }
        guard listen(descriptor, 4096) == 0 else {
            throw ListenError.cannotBind(host: host, port: port, SystemError("listen"))
        }
        var bound = SocketAddress()
        _ = bound.fill { storage, length in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, length) }
        }
        self.port = bound.port
        self.tls = tls
        acceptor = Acceptor(socket)
    }

    /// The next connection; over TLS its handshake is still to be done by the first `read` or `write`, so that a
    /// client that is slow about it holds up no other.
    /// - Throws: `CancellationError`, or `StreamError.closed` after `close`.
    package func accept() async throws -> (stream: any ByteStream, peer: String) {
        while true {
            let (descriptor, peer) = try await acceptor.accept()
            let socket = Socket(descriptor, loop: try EventLoops.next())
            socket.sendWithoutDelay()
            guard let tls else { return (PlainStream(socket), peer) }
            // Out of memory is the only way this fails; the client sees a closed connection.
            guard let stream = try? TLSStream(socket, session: tls.session()) else { continue }
            return (stream, peer)
        }
    }

    /// Accepts until the task is cancelled and gives each connection to `serve` in a task of its own; all of them are
    /// cancelled and awaited before it throws. The stream is closed when `serve` returns.
    package func run(_ serve: @Sendable @escaping (any ByteStream, _ peer: String) async -> Void) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                let (stream, peer) = try await accept()
                group.addTask {
                    await serve(stream, peer)
                    await stream.close()
                }
            }
        }
    }

    /// Stops listening: clients are refused from now on.
    package func close() async { await acceptor.close() }

    private actor Acceptor {
        private let socket: Socket
        nonisolated private let executor: QueueExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(_ socket: Socket) {
            self.socket = socket
            executor = socket.loop.executor
        }

        func accept() async throws -> (Int32, String) {
            try Task.checkCancellation()
            while true {
                guard !socket.isClosed else { throw StreamError.closed }
                var peer = SocketAddress()
                let descriptor = peer.fill { clinux_accept(socket.descriptor, $0, $1) }
                if descriptor >= 0 { return (descriptor, peer.host) }
                switch errno {
                case EAGAIN: try await socket.wait(.readable, until: .never)
                case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                    // Trying again at once would spin, and no event will come for clients that already wait. They
                    // are served once descriptors are free again.
                    try await socket.loop.sleep(until: .after(.milliseconds(100)))
                // The rest are troubles of one client, gone before it was accepted (accept(2), "Error handling").
                case EBADF, EINVAL, ENOTSOCK, EFAULT: throw StreamError.broken(SystemError("accept4"))
                default: continue
                }
            }
        }

        func close() { socket.close() }
    }
}

package enum ListenError: Error, Sendable, CustomStringConvertible {
    case notAnAddress(String)
    case cannotBind(host: String, port: Int, SystemError)

    package var description: String {
        switch self {
        case .notAnAddress(let host): "cannot listen on \(host): it is not an IP address"
        case .cannotBind(let host, let port, let error): "cannot listen on \(host), port \(port): \(error)"
        }
    }
}

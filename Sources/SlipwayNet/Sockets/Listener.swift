import CLinux
import Glibc
import SlipwayBase

/// Accepts connections on an address.
///
/// Every loop accepts for itself, and a connection stays on the loop that took it: handing it to another one would cost
/// two changes of thread, as much as answering a small request.
package final class Listener: Sendable {
    /// The port it listens on, even if 0 was asked for.
    package let port: Int

    private let acceptors: [Acceptor]
    private let tls: TLSServerContext?

    /// Binds and listens.
    /// - Parameters:
    ///   - host: an address; `::` takes IPv4 too.
    ///   - tls: nil: plain TCP.
    package convenience init(host: String, port: Int, tls: TLSServerContext? = nil) throws {
        try self.init(ListeningSocket(host: host, port: port), tls: tls)
    }

    /// Listens on a socket that is bound already.
    package init(_ socket: ListeningSocket, tls: TLSServerContext? = nil) throws {
        port = socket.port
        self.tls = tls
        acceptors = try EventLoops.all().map { Acceptor(Socket(try socket.duplicate(), loop: $0)) }
    }

    /// The next connection; over TLS its handshake is still to be done by the first `read` or `write`, so that a
    /// client that is slow about it holds up no other.
    /// - Throws: `CancellationError`, or `StreamError.closed` after `close`.
    package func accept() async throws -> (stream: ByteStream, peer: String) {
        while true {
            let (socket, peer) = try await acceptors[0].accept()
            if let stream = stream(on: socket) { return (stream, peer) }
        }
    }

    /// Accepts on every loop until the task is cancelled.
    /// - Parameter take: gets each connection, on its loop; whoever waits in it delays the loop's next one.
    /// - Throws: `CancellationError`, or `StreamError` when accepting is over.
    package func acceptAll(
        _ take: nonisolated(nonsending) @escaping @Sendable (ByteStream, _ peer: String) async -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            for acceptor in acceptors {
                group.addTask(executorPreference: acceptor.executor) { [self] in
                    try await acceptor.acceptAll { socket, peer in
                        if let stream = stream(on: socket) { await take(stream, peer) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Accepts until the task is cancelled and gives each connection to `serve` in a task of its own; all of them are
    /// cancelled and awaited before it throws. The stream is closed when `serve` returns.
    package func run(_ serve: @Sendable @escaping (ByteStream, _ peer: String) async -> Void) async throws {
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
    package func close() async {
        for acceptor in acceptors { await acceptor.close() }
    }

    /// - Returns: nil when memory is out, which is the only way this fails; the client sees a closed connection.
    private func stream(on socket: Socket) -> ByteStream? {
        guard let tls else { return ByteStream(socket) }
        return try? ByteStream(socket, through: TLSTransport(socket, session: tls.session()))
    }

    private actor Acceptor {
        private let socket: Socket
        nonisolated let executor: QueueExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        /// So many connections in a row, then those that are there already have a turn, and the other loops their share.
        private static let burst = 8
        /// Trying again at once when descriptors have run out would spin, and no event will come for clients that
        /// already wait.
        private static let pause = Duration.milliseconds(20)

        init(_ socket: Socket) {
            self.socket = socket
            executor = socket.loop.executor
        }

        func acceptAll(
            _ take: nonisolated(nonsending) @Sendable (Socket, _ peer: String) async -> Void
        ) async throws {
            while true {
                for _ in 0..<Self.burst {
                    let (socket, peer) = try await accept()
                    await take(socket, peer)
                }
                await Task.yield()
            }
        }

        func accept() async throws -> (Socket, String) {
            try Task.checkCancellation()
            while true {
                guard !socket.isClosed else { throw StreamError.closed }
                var peer = SocketAddress()
                let descriptor = peer.fill { clinux_accept(socket.descriptor, $0, $1) }
                if descriptor >= 0 { return (Socket(descriptor, loop: socket.loop), peer.host) }
                switch errno {
                case EAGAIN:
                    socket.exhausted(.readable)
                    try await socket.wait(.readable, until: .never)
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: try await socket.loop.sleep(until: .after(Self.pause))
                // The rest are troubles of one client, gone before it was accepted (accept(2), "Error handling").
                case EBADF, EINVAL, ENOTSOCK, EFAULT: throw StreamError.broken(SystemError("accept4"))
                default: continue
                }
            }
        }

        func close() { socket.close() }
    }
}

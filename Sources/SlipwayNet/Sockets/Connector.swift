import CLinux
import Glibc
import SlipwayBase

/// Opens connections.
package enum Connector {
    /// - Parameters:
    ///   - host: a name or an address; with `tls` it is also what the certificate must be for.
    ///   - tls: nil: plain TCP.
    ///   - protocols: what to offer by ALPN, for example `http/1.1`.
    ///   - deadline: for lookup, connection and handshake together.
    /// - Throws: `ConnectError.cancelled` when the task is cancelled.
    package static func connect(
        host: String, port: Int, tls: TLSClientContext? = nil, protocols: [String] = [],
        deadline: Duration = .seconds(30)
    ) async throws(ConnectError) -> ByteStream {
        let deadline = Deadline.after(deadline)
        let addresses = try await Resolver.resolve(host, port: port, until: deadline)
        var failure = ConnectError.cannotConnect(host: host, port: port, reason: "it has no address")
        for (index, address) in addresses.enumerated() {
            // A share of the time for each, so that one dead address leaves some for the next.
            let share = Deadline.after(deadline.remaining / (addresses.count - index))
            do {
                return try await connect(
                    to: address, host: host, port: port, tls: tls, protocols: protocols, until: min(share, deadline))
            } catch .cancelled {
                throw .cancelled
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private static func connect(
        to address: SocketAddress, host: String, port: Int, tls: TLSClientContext?, protocols: [String],
        until deadline: Deadline
    ) async throws(ConnectError) -> ByteStream {
        do {
            let descriptor = clinux_socket(address.family)
            guard descriptor >= 0 else { throw SystemError("socket") }
            let opening = Opening(Socket(descriptor, loop: try EventLoops.next()))
            let socket = try await opening.connect(to: address, until: deadline)
            guard let tls else { return ByteStream(socket) }
            let session = try tls.session(for: host, protocols: protocols)
            let stream = ByteStream(socket, through: try TLSTransport(socket, session: session))
            try await stream.handshake(until: deadline)
            return stream
        } catch is CancellationError {
            throw .cancelled
        } catch StreamError.timedOut {
            throw .timedOut(host: host, port: port)
        } catch StreamError.tls(let reason) {
            throw .tls(host: host, reason: reason)
        } catch StreamError.truncated {
            throw .tls(host: host, reason: "the other side hung up during the handshake")
        } catch let error as SystemError {
            throw .cannotConnect(host: host, port: port, reason: String(cString: strerror(error.code)))
        } catch StreamError.broken(let error) {
            throw .cannotConnect(host: host, port: port, reason: String(cString: strerror(error.code)))
        } catch {
            throw .cannotConnect(host: host, port: port, reason: "\(error)")
        }
    }

    /// A socket on its loop while it connects.
    private actor Opening {
        private let socket: Socket
        nonisolated private let executor: QueueExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(_ socket: Socket) {
            self.socket = socket
            executor = socket.loop.executor
        }

        func connect(to address: SocketAddress, until deadline: Deadline) async throws -> Socket {
            try Task.checkCancellation()
            SocketOption.sendWithoutDelay(socket.descriptor)
            let done = address.withPointer { Glibc.connect(socket.descriptor, $0, $1) }
            if done != 0 {
                guard errno == EINPROGRESS || errno == EINTR else { throw SystemError("connect") }
                try await socket.wait(.writable, until: deadline)
                var code: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
                guard code == 0 else { throw SystemError("connect", code: code) }
            }
            return socket
        }
    }
}

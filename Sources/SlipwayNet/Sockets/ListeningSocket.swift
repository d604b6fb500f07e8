import CLinux
import Glibc

/// A bound socket for which the kernel collects connections; it closes with its last reference.
package final class ListeningSocket: Sendable {
    private let descriptor: Int32

    /// Binds and listens.
    /// - Parameter host: an address; `::` takes IPv4 too.
    package init(host: String, port: Int) throws {
        let address = try Self.address(host, port)
        descriptor = clinux_socket(address.family)
        guard descriptor >= 0 else { throw SystemError("socket") }
        SocketOption.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if address.family == AF_INET6 { SocketOption.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        guard address.withPointer({ bind(descriptor, $0, $1) }) == 0 else {
            throw ListenError.cannotBind(host: host, port: port, SystemError("bind"))
        }
        guard listen(descriptor, 4096) == 0 else {
            throw ListenError.cannotBind(host: host, port: port, SystemError("listen"))
        }
        SocketOption.sendWithoutDelay(descriptor)
    }

    /// Takes over a socket that another process bound and listens on (sd_listen_fds(3)).
    package init(inherited descriptor: Int32) throws {
        var isListening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0, isListening != 0 else {
            throw ListenError.notListening(descriptor: descriptor)
        }
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        SocketOption.sendWithoutDelay(descriptor)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The port it listens on, even if 0 was asked for.
    package var port: Int {
        var bound = SocketAddress()
        _ = bound.fill { storage, length in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, length) }
        }
        return bound.port
    }

    /// Another descriptor of the same socket, for an epoll of its own.
    func duplicate() throws(SystemError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw SystemError("fcntl") }
        return copy
    }

    private static func address(_ host: String, _ port: Int) throws(ListenError) -> SocketAddress {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        defer { if code == 0 { freeaddrinfo(list) } }
        guard code == 0, let first = list?.pointee, let pointer = first.ai_addr else { throw .notAnAddress(host) }
        return SocketAddress(pointer, length: first.ai_addrlen)
    }
}

package enum ListenError: Error, Sendable, CustomStringConvertible {
    case notAnAddress(String)
    case cannotBind(host: String, port: Int, SystemError)
    case notListening(descriptor: Int32)

    package var description: String {
        switch self {
        case .notAnAddress(let host): "cannot listen on \(host): it is not an IP address"
        case .cannotBind(let host, let port, let error): "cannot listen on \(host), port \(port): \(error)"
        case .notListening(let descriptor): "descriptor \(descriptor), which was passed in, is not a listening socket"
        }
    }
}

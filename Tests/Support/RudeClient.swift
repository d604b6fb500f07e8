import Dispatch
import Glibc

/// A client that goes away in one of the ways in which clients do, on a blocking socket of its own: none of our code is
/// on its side of the connection.
package enum RudeClient: CaseIterable, Sendable {
    /// Connects, and is gone.
    case silent
    case halfLine
    case halfHeader
    case halfBody
    /// Asks, and does not stay for the answer.
    case unread
    /// Says that nothing more will come, and waits for the answer.
    case halfClosed
    /// The same in the middle of a request.
    case halfClosedEarly
    /// A byte at a time, each in a packet of its own, and leaves before the last.
    case dribbling
    /// Leaves once a part of a long answer is there.
    case leavingAnswer
    /// Sends more requests than anybody answers, reads nothing, and leaves when nothing more is taken of it.
    case flooding
    case noHTTP
    /// Of a TLS handshake: half of its first message.
    case halfHello
    /// The whole message; leaves when the server's answer is there.
    case hello

    /// Those that make sense without and with TLS.
    package static let plain = allCases.filter { ![.halfHello, .hello].contains($0) }
    package static let secure: [RudeClient] = [.silent, .noHTTP, .halfHello, .hello, .unread, .halfClosedEarly]

    /// Where it goes.
    package struct Place: Sendable {
        package var port: Int
        /// Of an answer that is much longer than what the kernel keeps for a connection.
        package var long: String
        package var post: String

        package init(port: Int, long: String, post: String) {
            self.port = port
            self.long = long
            self.post = post
        }
    }

    /// So many clients, one after the other, in these ways in turn; every other of them ends with a reset.
    package static func run(_ count: Int, _ ways: [RudeClient], at place: Place) async {
        await withCheckedContinuation { continuation in
            // Blocks: on a thread of its own, not on one of the few that all tasks share.
            DispatchQueue(label: "rude").async { @Sendable in
                for number in 0..<count {
                    ways[number % ways.count].act(at: place, resets: number / ways.count % 2 == 0)
                }
                continuation.resume()
            }
        }
    }

    private func act(at place: Place, resets: Bool) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Nobody waits for ever, whatever the server does.
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(place.port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return }
        talk(Wire(descriptor: descriptor), place)
        if resets {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        }
    }

    private func talk(_ wire: Wire, _ place: Place) {
        let long = "GET \(place.long) HTTP/1.1\r\nHost: a\r\n\r\n"
        let post = "POST \(place.post) HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
        switch self {
        case .silent: break
        case .halfLine: wire.send("GET /hel")
        case .halfHeader: wire.send("GET / HTTP/1.1\r\nHost: a\r\nX-A: b")
        case .halfBody: wire.send(post + String(repeating: "x", count: 30_000))
        case .unread: wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        case .halfClosed:
            wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            wire.endAndRead()
        case .halfClosedEarly:
            wire.send("GET / HTTP/1.1\r\nHo")
            wire.endAndRead()
        case .dribbling:
            for byte in "GET / HTTP/1.1\r\nHost: a\r\n\r".utf8 { wire.send([byte]) }
        case .leavingAnswer:
            wire.send(long)
            wire.read()
        case .flooding:
            // Whatever the kernel takes without waiting, or all of it.
            wire.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 2000), Int32(MSG_DONTWAIT))
        case .noHTTP: wire.send([0, 1, 2, 3, 255])
        case .halfHello: wire.send(Array(Self.clientHello.prefix(40)))
        case .hello:
            wire.send(Self.clientHello)
            wire.read()
        }
    }

    private struct Wire {
        var descriptor: Int32

        func send(_ text: String, _ flags: Int32 = 0) { send(Array(text.utf8), flags) }

        func send(_ bytes: [UInt8], _ flags: Int32 = 0) {
            _ = Glibc.send(descriptor, bytes, bytes.count, flags | Int32(MSG_NOSIGNAL))
        }

        /// - Returns: whether there was something.
        @discardableResult
        func read() -> Bool {
            var bytes = [UInt8](repeating: 0, count: 4096)
            return recv(descriptor, &bytes, bytes.count, 0) > 0
        }

        func endAndRead() {
            shutdown(descriptor, Int32(SHUT_WR))
            while read() {}
        }
    }

    /// TLS 1.2 with ECDHE on P-256, as small as it can be (RFC 5246, section 7.4.1.2; RFC 8422).
    private static let clientHello: [UInt8] = {
        let extensions: [UInt8] =
            [0, 10, 0, 4, 0, 2, 0, 23] + [0, 11, 0, 2, 1, 0] + [0, 13, 0, 8, 0, 6, 4, 3, 8, 4, 4, 1]
        let random = [UInt8](repeating: 7, count: 32)
        let body: [UInt8] =
            [3, 3] + random + [0] + [0, 4, 0xC0, 0x2B, 0xC0, 0x2F] + [1, 0] + [0, UInt8(extensions.count)] + extensions
        let message: [UInt8] = [1, 0, 0, UInt8(body.count)] + body
        return [22, 3, 1, 0, UInt8(message.count)] + message
    }()
}

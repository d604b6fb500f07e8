import Foundation
import Glibc
import SlipwayHTTP
import SlipwayNet
import Testing

@Suite struct AbuseTests {
    /// Sockets of this process that are connected to, or accepted at, a port of this machine.
    private func sockets(at port: Int) throws -> Int {
        var inodes: Set<Substring> = []
        let mine = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)
        }
        let local = ":" + [UInt8]([UInt8(port >> 8), UInt8(port & 255)]).hex.uppercased()
        // sl local_address rem_address st … inode: one line a connection.
        for line in try String(contentsOfFile: "/proc/self/net/tcp", encoding: .utf8).split(separator: "\n").dropFirst()
        {
            let columns = line.split(separator: " ")
            if columns.count > 9, columns[1].hasSuffix(local) || columns[2].hasSuffix(local) {
                inodes.insert(columns[9])
            }
        }
        return mine.count { name in inodes.contains { name == "socket:[\($0)]" } }
    }

    /// Connects, sends, and goes away in one of several rude ways, without our own loops.
    private static func beRude(_ port: Int, _ way: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return }
        let text =
            switch way % 5 {
            case 0: "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
            case 1: "GET /hel"
            case 2:
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
                    + String(repeating: "x", count: 30_000)
            case 3: "GET /stream HTTP/1.1\r\nHost: a\r\n\r\nGET /stream HTTP/1.1\r\nHost: a\r\n\r\n"
            default: ""
            }
        _ = text.withCString { send(descriptor, $0, text.utf8.count, Int32(MSG_NOSIGNAL)) }
        if way % 2 == 0 {
            // Closing becomes a reset.
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        }
    }

    @Test func `keeps no descriptor of three thousand clients that went away`() async throws {
        try await withServer { port in
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async { @Sendable in
                    for way in 0..<3000 { Self.beRude(port, way) }
                    continuation.resume()
                }
            }
            // Still served, and nothing of the others is left but the listener and this client's two ends.
            let client = try await RawClient(port: port)
            try await client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().text == "hello\n")
            let deadline = Deadline.after(.seconds(20))
            while try sockets(at: port) > 3, Deadline.now() < deadline { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try sockets(at: port) <= 3)
        }
    }
}

import Foundation
import SlipwayHTTP
import SlipwayNet
import TestSupport
import Testing

/// Thousands of rude clients: afterwards the server still answers, and of theirs nothing is left. What the whole process
/// keeps is counted in `slipwayTests`, on a server in a process of its own.
@Suite struct AbuseTests {
    /// `SLIPWAY_ABUSE_CLIENTS` makes it longer.
    private static let clients =
        ProcessInfo.processInfo.environment["SLIPWAY_ABUSE_CLIENTS"].flatMap(Int.init) ?? 3000

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
        // Once each: every loop has its own descriptor of the listening socket.
        return Set(mine).count { name in inodes.contains { name == "socket:[\($0)]" } }
    }

    /// Nothing is left but the listener and the two ends of one polite client.
    private func expectQuiet(at port: Int) async throws {
        let deadline = Deadline.after(.seconds(20))
        // The server learns of an end when its turn comes; nothing tells us that it has.
        while try sockets(at: port) > 3, Deadline.now() < deadline { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try sockets(at: port) <= 3)
    }

    /// The bounds on connections would turn the polite client away with the others.
    private static let roomy: HTTPLimits = {
        var limits = HTTPLimits()
        limits.connections = 100_000
        limits.connectionsPerAddress = 100_000
        return limits
    }()

    /// `/` is short, `/long` has no end.
    private static func addRoutes(_ router: inout Router) {
        router.on(.get, "/") { _, _ in .text("hello\n") }
        router.on(.get, "/long") { _, _ in
            HTTPResponse(
                .ok,
                body: .stream { writer in
                    while true { try await writer.write([UInt8](repeating: 65, count: 10_000)) }
                })
        }
    }

    @Test func `keeps nothing of thousands of clients that went away in every way there is`() async throws {
        try await withServer(limits: Self.roomy) { router in
            Self.addRoutes(&router)
        } _: { port in
            await RudeClient.run(
                Self.clients, RudeClient.plain, at: RudeClient.Place(port: port, long: "/long", post: "/echo"))
            let client = try await RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().text == "hello\n")
            try await expectQuiet(at: port)
        }
    }

    @Test func `keeps nothing of clients that went away in a TLS handshake`() async throws {
        let certificates = try await TestCertificates()
        let tls = try TLSServerContext(certificates: [try await certificates.certificate("DNS:localhost")])
        try await withServer(limits: Self.roomy, tls: tls) { router in
            Self.addRoutes(&router)
        } _: { port in
            await RudeClient.run(
                Self.clients / 3, RudeClient.secure, at: RudeClient.Place(port: port, long: "/long", post: "/echo"))
            let client = try await RawClient(
                port: port, tls: try TLSClientContext(ca: certificates.authority), host: "localhost")
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().text == "hello\n")
            try await expectQuiet(at: port)
        }
    }

    @Test func `keeps nothing of clients that never read and are cut off`() async throws {
        var limits = HTTPLimits()
        limits.writeTime = .milliseconds(200)
        try await withServer(limits: limits) { router in
            Self.addRoutes(&router)
        } _: { port in
            // They stay, and hold on to what they are sent; it is the server that must let go.
            var clients: [RawClient] = []
            for _ in 0..<100 {
                let client = try await RawClient(port: port)
                try await client.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
                clients.append(client)
            }
            let polite = try await RawClient(port: port)
            try await polite.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await polite.response().text == "hello\n")
            let deadline = Deadline.after(.seconds(20))
            // Their own ends, the listener, and the polite client's two.
            while try sockets(at: port) > clients.count + 3, Deadline.now() < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try sockets(at: port) <= clients.count + 3)
            for client in clients { await client.close() }
        }
    }
}

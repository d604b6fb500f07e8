import Foundation
import SlipwayHTTP
import SlipwayNet
import TestSupport
import Testing

/// Thousands of rude clients: afterwards the server still answers, and of theirs nothing is left. What the whole process
/// keeps is counted in `slipwayTests`, on a server in a process of its own.
@Suite(.endsIfItHangs) struct AbuseTests {
    /// `SLIPWAY_ABUSE_CLIENTS` makes it longer.
    private static let clients =
        ProcessInfo.processInfo.environment["SLIPWAY_ABUSE_CLIENTS"].flatMap(Int.init) ?? 3000

    /// Sockets of this process that are connected to, or accepted at, a port of this machine.
    private func sockets(at port: Int) throws -> Int {
        let mine = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)
        }
        // Once each: every loop has its own descriptor of the listening socket.
        let inodes = Set(try KernelSockets.all().filter { $0.localPort == port || $0.remotePort == port }.map(\.inode))
        return Set(mine).count { name in inodes.contains { name == "socket:[\($0)]" } }
    }

    /// Until no more are left than the listener, the two ends of one polite client, and those that the test holds.
    private func waitUntilQuiet(at port: Int, held: Int = 0) async throws {
        try await waitUntil("the end of what is left") { try sockets(at: port) <= 3 + held }
    }

    /// The bounds on connections would turn the polite client away with the others.
    private static let roomy: HTTPLimits = {
        var limits = HTTPLimits.patient
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
            try await waitUntilQuiet(at: port)
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
            try await waitUntilQuiet(at: port)
        }
    }

    @Test func `keeps nothing of clients that never read and are cut off`() async throws {
        var limits = HTTPLimits.patient
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
            // They still hold their own ends.
            try await waitUntilQuiet(at: port, held: clients.count)
            for client in clients { await client.close() }
        }
    }
}

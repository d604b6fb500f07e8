import Glibc
import SlipwayNet
import TestSupport
import Testing

@Suite struct StreamTests {
    /// A connected pair.
    private func pair() async throws -> (client: ByteStream, server: ByteStream) {
        let listener = try Listener(host: "127.0.0.1", port: 0)
        async let accepted = listener.accept()
        let client = try await Connector.connect(host: "127.0.0.1", port: listener.port)
        let (server, peer) = try await accepted
        #expect(peer == "127.0.0.1")
        return (client, server)
    }

    @Test func `reads what was written, and then the end`() async throws {
        let (client, server) = try await pair()
        try await client.write([1, 2, 3])
        await client.close()
        #expect(try await server.read() == [1, 2, 3])
        #expect(try await server.read() == nil)
    }

    @Test func `reads on after this side has ended`() async throws {
        let (client, server) = try await pair()
        await client.closeWrite()
        #expect(try await server.read() == nil)
        try await server.write([7])
        #expect(try await client.read() == [7])
    }

    @Test func `reads everything that came before a hang-up`() async throws {
        let (client, server) = try await pair()
        let sent = [UInt8](repeating: 9, count: 200_000)
        try await client.write(sent)
        await client.close()
        var count = 0
        while let bytes = try await server.read() { count += bytes.count }
        #expect(count == sent.count)
    }

    @Test(arguments: [true, false])
    func `reads what came before a reset, and says that it was one`(_ isThereBefore: Bool) async throws {
        let listener = try Listener(host: "127.0.0.1", port: 0)
        let client = try PlainClient(port: listener.port)
        let (server, _) = try await listener.accept()
        try client.send([UInt8](repeating: 9, count: 10_000))
        if isThereBefore {
            try client.waitUntilTaken()
            try client.reset()
        }
        var count = 0
        do {
            while let bytes = try await server.read() {
                count += bytes.count
                if !isThereBefore, count == 10_000 { try client.reset() }
            }
            Issue.record("a reset was taken for an end")
        } catch StreamError.broken(let error) {
            #expect(error.code == ECONNRESET)
        }
        #expect(count == 10_000)
    }

    @Test func `waits while the other side does not read, and goes on when it does`() async throws {
        let (client, server) = try await pair()
        let sent = (0..<251).map { UInt8($0) }.repeated(20_000)
        let writing = Task {
            try await client.write(sent)
            await client.close()
        }
        var received: [UInt8] = []
        while let bytes = try await server.read() { received += bytes }
        try await writing.value
        #expect(received == sent)
    }

    @Test func `gives up a read and a write when their time is over`() async throws {
        let (client, _server) = try await pair()
        do {
            _ = try await client.read(until: .after(.milliseconds(20)))
            Issue.record("it read something")
        } catch StreamError.timedOut {}
        do {
            try await client.write([UInt8](repeating: 0, count: 50_000_000), until: .after(.milliseconds(50)))
            Issue.record("all of it was taken")
        } catch StreamError.timedOut {}
        await _server.close()
    }

    @Test func `ends a read, a write and an accept at once when the task is cancelled`() async throws {
        let (client, server) = try await pair()
        let reading = Task { try await client.read() }
        let writing = Task { try await client.write([UInt8](repeating: 0, count: 50_000_000)) }
        let listener = try Listener(host: "127.0.0.1", port: 0)
        let accepting = Task { _ = try await listener.accept() }
        reading.cancel()
        writing.cancel()
        accepting.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        await #expect(throws: CancellationError.self) { try await writing.value }
        await #expect(throws: CancellationError.self) { try await accepting.value }
        await server.close()
    }

    @Test func `ends a read when it is closed here`() async throws {
        let (client, server) = try await pair()
        let reading = Task { try await client.read() }
        try await server.write([1])
        #expect(try await reading.value == [1])
        let another = Task { try await client.read() }
        await Task.yield()
        await client.close()
        await #expect(throws: StreamError.self) { try await another.value }
        await #expect(throws: StreamError.self) { try await client.write([1]) }
        _ = server
    }

    @Test func `connects by name, and says why it cannot`() async throws {
        let listener = try Listener(host: "127.0.0.1", port: 0)
        let stream = try await Connector.connect(host: "localhost", port: listener.port)
        await stream.close()
        await listener.close()
        // No port that was free a moment ago: another test may have it by now.
        await #expect(throws: ConnectError.self) { try await Connector.connect(host: "127.0.0.1", port: 1) }
        do {
            _ = try await Connector.connect(host: "no such host", port: 1)
            Issue.record("it connected")
        } catch ConnectError.cannotResolve {}
    }

    @Test func `listens on IPv6 for both families`() async throws {
        let listener = try Listener(host: "::", port: 0)
        async let accepted = listener.accept()
        let client = try await Connector.connect(host: "127.0.0.1", port: listener.port)
        #expect(try await accepted.peer == "127.0.0.1")
        await client.close()
    }
}

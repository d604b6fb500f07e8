import SlipwayNet

/// The API's address: bytes go through to the HTTP server behind it, until an answer says that it must not arrive. A
/// server can cut its own answer short, but only after the header; a lost answer has none.
struct FrontDoor: Sendable {
    /// A header field that no client ever sees: with it the connection ends.
    static let dropField = "X-Sandbox-Drop"
    private static let mark = Array("\r\n\(dropField):".utf8)

    let listener: Listener
    let host: String
    /// Of the server behind.
    let innerPort: Int

    init(host: String, port: Int, innerPort: Int) throws {
        listener = try Listener(host: host, port: port)
        self.host = host
        self.innerPort = innerPort
    }

    func run() async throws {
        try await listener.run { client, _ in
            guard
                let server = try? await Connector.connect(
                    host: host, port: innerPort, tls: nil, deadline: .seconds(5))
            else { return }
            await withTaskGroup(of: Void.self) { group in
                // A broken connection is nobody's error here: both ends are closed, and their owners see it.
                group.addTask { try? await Self.pass(from: client, to: server) { _ in true } }
                group.addTask { try? await Self.pass(from: server, to: client) { !Self.isMarked($0) } }
                await group.next()
                group.cancelAll()
            }
            await server.close()
        }
    }

    private static func pass(
        from source: ByteStream, to sink: ByteStream, while allowed: ([UInt8]) -> Bool
    ) async throws {
        while let bytes = try await source.read() {
            guard allowed(bytes) else { return }
            try await sink.write(bytes)
        }
    }

    /// The server writes a short answer in one piece, which arrives as one on the loopback.
    static func isMarked(_ bytes: [UInt8]) -> Bool {
        bytes.count < 2048 && bytes.starts(with: Array("HTTP/1.1 ".utf8)) && bytes.firstRange(of: mark) != nil
    }
}

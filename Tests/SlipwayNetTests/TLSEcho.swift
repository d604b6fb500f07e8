import SlipwayNet

/// A server that echoes one piece on each connection.
func withEcho(_ tls: TLSServerContext, _ body: @Sendable (_ port: Int) async throws -> Void) async throws {
    let listener = try Listener(host: "127.0.0.1", port: 0, tls: tls)
    let running = Task {
        try await listener.run { stream, _ in
            if let bytes = try? await stream.read() { try? await stream.write(bytes) }
        }
    }
    defer { running.cancel() }
    try await body(listener.port)
}

func withEcho(
    certificates: [TLSServerContext.Files], _ body: @Sendable (_ port: Int) async throws -> Void
) async throws {
    try await withEcho(try TLSServerContext(certificates: certificates), body)
}

/// Why our client will not speak with a server; nil: it does.
func refusal(_ host: String, _ port: Int, ca: String? = nil) async -> String? {
    do {
        let tls = try TLSClientContext(ca: ca)
        _ = try await Connector.connect(host: host, port: port, tls: tls, deadline: .seconds(600))
        return nil
    } catch ConnectError.tls(_, let reason) {
        return reason
    } catch {
        return "\(error)"
    }
}

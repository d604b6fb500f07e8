import SlipwayNet

@testable import HerokuSandbox

/// Attaches to a one-off dyno, as clients of Heroku do.
struct RendezvousClient: Sendable {
    let stream: ByteStream

    /// - Parameter url: `rendezvous://host:port/secret`.
    init(_ url: String, _ stage: Stage) async throws {
        let parts = url.dropFirst("rendezvous://".count).split(separator: "/", maxSplits: 1)
        let address = parts[0].split(separator: ":")
        stream = try await Connector.connect(
            host: String(address[0]), port: Int(address[1]) ?? 0,
            tls: try TLSClientContext(ca: stage.folder + "/cert.pem"), deadline: .seconds(5))
        try await stream.write(Array("\(parts[1])\r\n".utf8))
    }

    /// Everything until the other side closes.
    func readAll() async throws -> String {
        var text: [UInt8] = []
        while let bytes = try await stream.read() { text += bytes }
        return String(decoding: text, as: UTF8.self)
    }

    /// Everything until the text has come.
    func read(until text: String) async throws -> String {
        var received = ""
        while !received.contains(text), let bytes = try await stream.read() {
            received += String(decoding: bytes, as: UTF8.self)
        }
        return received
    }
}

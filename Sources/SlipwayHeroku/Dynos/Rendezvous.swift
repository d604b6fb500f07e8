import Foundation
import SlipwayNet

/// The place where a one-off dyno and its client meet: TLS, one line from each side, then the dyno's bytes until it
/// ends (docs/heroku.md, 3.2).
struct Rendezvous: Sendable {
    let host: String
    let port: Int
    /// What opens the dyno.
    let secret: String

    /// - Parameter url: `rendezvous://host:port/secret`.
    /// - Returns: nil for another scheme: `https` is how other generations and private spaces attach.
    init?(_ url: String) {
        guard let parts = URLComponents(string: url), parts.scheme == "rendezvous", let host = parts.host else {
            return nil
        }
        self.host = host
        port = parts.port ?? 5000
        secret = parts.percentEncodedPath.dropFirst() + (parts.percentEncodedQuery.map { "?" + $0 } ?? "")
        guard !secret.isEmpty else { return nil }
    }

    func connect(_ tls: TLSClientContext, deadline: Duration) async throws -> ByteStream {
        try await Connector.connect(host: host, port: port, tls: tls, deadline: deadline)
    }

    /// What the client says first; with it the dyno's process starts.
    var greeting: [UInt8] { Array((secret + "\r\n").utf8) }
}

/// Takes the rendezvous's own line off the beginning of what it sends. That line may come alone, in parts, or in one
/// chunk with output.
struct RendezvousPrologue: Sendable {
    private var held: [UInt8] = []
    private(set) var isOver = false

    /// - Returns: what the dyno itself printed.
    mutating func take(_ chunk: [UInt8]) -> [UInt8] {
        guard !isOver else { return chunk }
        held += chunk
        let word = Array("rendezvous".utf8)
        let compared = min(held.count, word.count)
        guard held[..<compared].elementsEqual(word[..<compared]), held.count < 4096 else {
            // Another server says nothing of its own; the dyno's words are not thrown away.
            isOver = true
            return held
        }
        guard held.count > word.count, let end = held.firstIndex(of: UInt8(ascii: "\n")) else { return [] }
        isOver = true
        return Array(held[(end + 1)...])
    }
}

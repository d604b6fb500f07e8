import SlipwayNet

/// A web origin: scheme, host and port (RFC 6454).
struct Origin: Sendable, Hashable, CustomStringConvertible {
    private let scheme: String
    private let authority: String

    /// - Parameter text: an `Origin` header or a URL; what follows the authority is left out.
    /// - Returns: nil for `null` and anything else that is not `http` or `https`.
    init?(_ text: String) {
        let parts = text.lowercased().split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[1].isEmpty, !parts[2].isEmpty, parts[0] == "http:" || parts[0] == "https:"
        else { return nil }
        scheme = String(parts[0].dropLast())
        authority = Self.withoutDefaultPort(String(parts[2]))
    }

    /// Whether it names that host. Without the scheme, which a proxy that ends TLS hides.
    /// - Parameter host: of a request, whose page cannot choose what its forms are sent with.
    func isOf(host: String) -> Bool { !host.isEmpty && Self.withoutDefaultPort(host.lowercased()) == authority }

    /// Whether browsers refuse to keep a `Secure` cookie from there. They take a machine's own addresses for safe.
    var losesSecureCookies: Bool { scheme == "http" && !Loopback.holds(authority: authority) }

    var description: String { "\(scheme)://\(authority)" }

    private static func withoutDefaultPort(_ authority: String) -> String {
        for port in [":80", ":443"] where authority.hasSuffix(port) {
            return String(authority.dropLast(port.count))
        }
        return authority
    }
}

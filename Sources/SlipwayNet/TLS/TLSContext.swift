/// A server's certificates.
package final class TLSServerContext: Sendable {
    /// - Parameter certificates: PEM files of chain and key; the first is for clients that name no host.
    package init(certificates: [(certificate: String, key: String)]) throws {}
}

/// Whom a client trusts.
package final class TLSClientContext: Sendable {
    /// - Parameter ca: a PEM file with roots besides the system's.
    package init(ca: String? = nil) throws {}
}

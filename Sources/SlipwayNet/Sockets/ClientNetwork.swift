/// Whom a bound on clients counts as one: an IPv4 address, or the /64 of an IPv6 one, because the smallest network that a
/// provider hands out has 2^64 addresses, and whoever has it could come from another one each time.
package struct ClientNetwork: Hashable, Sendable {
    private let bits: UInt64
    /// Of the address in bytes; 0: it is not an address, and all of these are one client.
    private let width: Int

    /// - Parameter text: an address without brackets and port; an IPv4 one that is written as IPv6 is the IPv4 one.
    package init(_ text: String) {
        let bytes = IPAddress(text)?.bytes ?? []
        width = bytes.count
        bits = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// One address, or all that share its first bits.
package struct AddressRange: Sendable {
    private let first: IPAddress
    private let prefix: Int

    /// - Parameter text: `10.0.0.1`, `10.0.0.0/8`, `::1`, `fd00::/8`.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = IPAddress(String(parts[0])) else { return nil }
        self.first = first
        let bits = first.bytes.count * 8
        guard parts.count > 1 else {
            prefix = bits
            return
        }
        // Digits only: `Int` takes a sign as well.
        let isNumber = parts[1].utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, let prefix = Int(parts[1]), prefix <= bits else { return nil }
        self.prefix = prefix
    }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == first.bytes.count else { return false }
        return zip(first.bytes, address.bytes).enumerated().allSatisfy { index, pair in
            let bits = min(8, max(0, prefix - index * 8))
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
            return pair.0 & mask == pair.1 & mask
        }
    }
}

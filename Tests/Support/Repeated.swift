extension [UInt8] {
    /// Large test data, quickly even if nothing is optimised.
    package func repeated(_ times: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * times)
        for _ in 0..<times { bytes += self }
        return bytes
    }
}

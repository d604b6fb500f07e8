/// The one range of a `Range` header (RFC 9110, section 14).
package enum ByteRange: Sendable, Hashable {
    case bytes(Range<Int>)
    /// Well-formed, but nothing of it is there.
    case unsatisfiable

    /// - Returns: nil for what is to be ignored: another unit, several ranges, nonsense.
    package init?(_ header: String, size: Int) {
        guard header.lowercased().hasPrefix("bytes=") else { return nil }
        let sides = header.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
            .map { $0.filter { $0 != " " } }
        guard sides.count == 2, sides.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        guard let first = Int(sides[0]) else {
            // The last so many bytes.
            guard sides[0].isEmpty, let count = Int(sides[1]) else { return nil }
            self = count == 0 || size == 0 ? .unsatisfiable : .bytes(max(0, size - count)..<size)
            return
        }
        let last = sides[1].isEmpty ? Int.max : Int(sides[1]) ?? Int.max
        guard first <= last else { return nil }
        self = first >= size ? .unsatisfiable : .bytes(first..<min(last, size - 1) + 1)
    }
}

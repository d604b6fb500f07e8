/// Cuts bytes that arrive in chunks into lines. A line longer than `longest` is cut there.
struct LineSplitter: Sendable {
    private var partial: [UInt8] = []
    private let longest: Int

    init(longest: Int = 65_536) {
        self.longest = longest
    }

    /// - Returns: the lines that are whole now, without their `\n` or `\r\n`.
    mutating func take(_ chunk: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in chunk {
            if byte == UInt8(ascii: "\n") || partial.count >= longest {
                if byte == UInt8(ascii: "\n"), partial.last == UInt8(ascii: "\r") { partial.removeLast() }
                lines.append(String(decoding: partial, as: UTF8.self))
                partial.removeAll(keepingCapacity: true)
                if byte == UInt8(ascii: "\n") { continue }
            }
            partial.append(byte)
        }
        return lines
    }

    /// The last line when it has no end.
    mutating func finish() -> String? {
        guard !partial.isEmpty else { return nil }
        defer { partial = [] }
        return String(decoding: partial, as: UTF8.self)
    }
}

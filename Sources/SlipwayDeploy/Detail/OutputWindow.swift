import SlipwayBase
import SlipwayCore

/// The end of a step's output, as it stands in the log: what is told of a failure is looked for in it, and not in a log
/// of 64 MiB.
struct OutputWindow: Sendable {
    private static let longest = 262_144

    private var blocks: [(offset: Int, bytes: [UInt8])] = []
    private var count = 0

    /// - Parameter lines: whole lines.
    mutating func add(_ lines: [UInt8], at offset: Int) {
        blocks.append((offset, lines))
        count += lines.count
        // Twice as much before some go: not one by one, which would move all the others each time.
        guard count > 2 * Self.longest, blocks.count > 1 else { return }
        var gone = 0
        while gone < blocks.count - 1, count - blocks[gone].bytes.count >= Self.longest {
            count -= blocks[gone].bytes.count
            gone += 1
        }
        blocks.removeFirst(gone)
    }

    /// - Returns: the lines, also the blank ones.
    func lines(of step: Step.Name) -> [DetailLine] {
        var lines: [DetailLine] = []
        for block in blocks {
            var rest = block.bytes[...]
            if rest.count > Self.longest {
                rest = rest.suffix(Self.longest)
                rest = rest[(rest.firstIndex(ofByte: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.startIndex)...]
            }
            while let end = rest.firstIndex(ofByte: UInt8(ascii: "\n")) {
                let text = TerminalText.plain(rest[..<end])
                lines.append(DetailLine(step: step, offset: block.offset + rest.startIndex, text: text))
                rest = rest[(end + 1)...]
            }
        }
        return lines
    }
}

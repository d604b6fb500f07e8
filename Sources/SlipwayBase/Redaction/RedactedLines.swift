/// Output on its way through a redactor, line by line, with a memory for secrets that go over a line's end.
package struct RedactedLines: Sendable {
    package var redactor: Redactor
    /// What can be shown of a line that waits for its end.
    private var begun: [UInt8] = []
    /// Text from where a secret may have begun on, and how much of it was given out.
    private var held: [UInt8] = []
    private var known = 0

    /// Of a secret fewer characters than this may show at a line's end before it is known for one: nearly every line
    /// ends as some secret begins, and would otherwise be kept back until the next one comes.
    private static let telling = 4
    /// Longer than any secret with what may stand in it.
    private static let longest = 262_144

    package init(_ redactor: Redactor) {
        self.redactor = redactor
    }

    /// - Parameter lines: whole lines, each with its newline.
    /// - Returns: what can be shown of the text so far, in whole lines.
    package mutating func take(_ lines: [UInt8]) -> [UInt8] {
        let text = held.isEmpty ? lines : held + lines
        var scan = redactor.scan(text, .open, known: known)
        if text.count - scan.end > Self.longest { scan = redactor.scan(text, .whole, known: known) }
        known = max(0, known - scan.end)
        held = Array(text[scan.end...])
        if scan.depth < Self.telling {
            scan.clean += held[known...]
            known = held.count
        }
        let clean = begun.isEmpty ? scan.clean : begun + scan.clean
        let end = clean[...].lastIndex(ofByte: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        begun = Array(clean[end...])
        return end == clean.count ? clean : Array(clean[..<end])
    }

    /// What was held back, as no more comes.
    package mutating func finish() -> [UInt8] {
        let clean = begun + redactor.scan(held, .whole, known: known).clean
        begun = []
        held = []
        known = 0
        return clean
    }

    /// What can be shown of a line that has no end yet.
    package func preview(of unfinished: [UInt8]) -> [UInt8] {
        let clean = begun + redactor.scan(held + unfinished, .open, known: known).clean
        return Array(clean[(clean[...].lastIndex(ofByte: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)...])
    }
}

import SlipwayBase

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// What is left out of a step's text between its beginning and its end, from a line's beginning to another's.
///
/// The text's file has a hole there, so that offsets stay what they were. The range is written down before anything is
/// taken out: a server that is killed in between has only more on its disk than it says.
struct LogHole {
    private(set) var range: Range<Int>
    /// Of the file that says where it is.
    private let path: String

    /// As another server left it.
    /// - Parameter path: of the text.
    /// - Returns: nil where there is none.
    init?(beside path: String, size: Int) throws(StoreError) {
        self.path = Self.path(beside: path)
        guard access(self.path, F_OK) == 0 else { return nil }
        let note = try File(self.path, .writing)
        let words = String(decoding: try note.read(64, at: 0), as: UTF8.self).split(whereSeparator: \.isWhitespace)
        let numbers = words.compactMap { Int($0) }
        guard numbers.count == 2, numbers[0] >= 0, numbers[0] < numbers[1], numbers[0] < size else {
            // What was behind it went with the power, and the text goes on where it begins.
            try note.truncate(to: 0)
            return nil
        }
        // Its end may have been lost with the power.
        range = numbers[0]..<min(numbers[1], size)
    }

    /// One that is about to be made: the first half of what is kept stays before it.
    init(beside file: File, bound: Int) throws(StoreError) {
        path = Self.path(beside: file.path)
        let end = try Self.lineStart(before: bound / 2, in: file)
        range = end..<end
    }

    /// Grows until the second half of the bound is behind it, and a part of that is free.
    mutating func grow(in file: File, size: Int, bound: Int) throws(StoreError) {
        let kept = bound / 2 - bound / 16
        let end = try Self.lineStart(after: max(range.upperBound, size - kept), in: file, size: size)
        let grown = range.lowerBound..<max(end, range.upperBound)
        guard !grown.isEmpty else { return }
        let note = try File(path, .writing)
        try note.write(Array("\(grown.lowerBound) \(grown.upperBound)\n".utf8), at: 0)
        try note.sync()
        try file.punch(grown)
        range = grown
    }

    private static func path(beside text: String) -> String {
        (text.hasSuffix(".log") ? String(text.dropLast(4)) : text) + ".omitted"
    }

    /// No line is longer.
    private static let longest = 131_072

    private static func lineStart(before offset: Int, in file: File) throws(StoreError) -> Int {
        let start = max(0, offset - longest)
        let text = try file.read(offset - start, at: start)
        return text[...].lastIndex(ofByte: UInt8(ascii: "\n")).map { start + $0 + 1 } ?? start
    }

    private static func lineStart(after offset: Int, in file: File, size: Int) throws(StoreError) -> Int {
        guard offset > 0 else { return 0 }
        let text = try file.read(min(longest, size - offset + 1), at: offset - 1)
        return text[...].firstIndex(ofByte: UInt8(ascii: "\n")).map { offset + $0 } ?? size
    }
}

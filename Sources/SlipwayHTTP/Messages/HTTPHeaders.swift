/// Header fields in the order they came; names are compared without case (RFC 9110, section 5.1).
///
/// All names and values stand in one array of bytes: a received section costs two allocations, and strings are made
/// only of the fields that somebody asks for.
package struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral, Sequence {
    package typealias Field = (name: String, value: String)

    struct Entry: Sendable {
        var name: Range<Int32>
        var value: Range<Int32>
    }

    private(set) var bytes: [UInt8] = []
    private(set) var entries: [Entry] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }

    /// The first field of that name; setting it replaces all of them, setting nil removes them.
    package subscript(name: String) -> String? {
        get { entries.first { isNamed($0, name) }.map { text($0.value) } }
        set {
            let kept = entries.filter { !isNamed($0, name) }
            entries = kept
            if let newValue { add(name, newValue) }
        }
    }

    package func all(_ name: String) -> [String] {
        entries.filter { isNamed($0, name) }.map { text($0.value) }
    }

    package mutating func add(_ name: String, _ value: String) {
        let start = Int32(bytes.count)
        bytes.append(contentsOf: name.utf8)
        let middle = Int32(bytes.count)
        // A line break in a value would begin another field, or another response (RFC 9110, section 5.5).
        bytes.append(contentsOf: value.utf8.lazy.map { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F ? 0x20 : $0 })
        entries.append(Entry(name: start..<middle, value: middle..<Int32(bytes.count)))
    }

    /// A field as received, its syntax checked.
    mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let start = Int32(bytes.count)
        bytes.append(contentsOf: name)
        let middle = Int32(bytes.count)
        bytes.append(contentsOf: value)
        entries.append(Entry(name: start..<middle, value: middle..<Int32(bytes.count)))
    }

    package var count: Int { entries.count }

    package func contains(_ name: String) -> Bool { entries.contains { isNamed($0, name) } }

    /// The elements of a comma-separated list, over all fields of that name, without the white space around them
    /// (RFC 9110, section 5.6.1); empty elements are kept, so that who must not take them can see them.
    package func list(_ name: String) -> [Substring] {
        all(name).flatMap { value in
            value.split(separator: ",", omittingEmptySubsequences: false).map { element in
                let start = element.drop { $0 == " " || $0 == "\t" }
                let end = start.lastIndex { $0 != " " && $0 != "\t" }
                return end.map { start[...$0] } ?? start
            }
        }
    }

    package func makeIterator() -> Iterator { Iterator(headers: self) }

    package struct Iterator: IteratorProtocol {
        fileprivate let headers: HTTPHeaders
        private var index = 0

        fileprivate init(headers: HTTPHeaders) { self.headers = headers }

        package mutating func next() -> Field? {
            guard index < headers.entries.count else { return nil }
            let entry = headers.entries[index]
            index += 1
            return (headers.text(entry.name), headers.text(entry.value))
        }
    }

    private func text(_ range: Range<Int32>) -> String {
        String(decoding: bytes[Int(range.lowerBound)..<Int(range.upperBound)], as: UTF8.self)
    }

    private func isNamed(_ entry: Entry, _ name: String) -> Bool {
        let name = name.utf8
        guard entry.name.count == name.count else { return false }
        var index = Int(entry.name.lowerBound)
        for byte in name {
            guard bytes[index].isSameLetter(as: byte) else { return false }
            index += 1
        }
        return true
    }
}

extension StringProtocol {
    /// Equal but for the case of ASCII letters, as names of fields, codings and hosts are compared.
    package func isSameHeader(as other: some StringProtocol) -> Bool {
        let left = utf8
        let right = other.utf8
        return left.count == right.count && zip(left, right).allSatisfy { $0.isSameLetter(as: $1) }
    }
}

extension UInt8 {
    fileprivate func isSameLetter(as other: UInt8) -> Bool {
        self == other || (self | 0x20 == other | 0x20 && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20))
    }
}

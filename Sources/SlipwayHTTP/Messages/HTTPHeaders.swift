import Glibc

/// Header fields in the order they came; names are compared without case (RFC 9110, section 5.1).
///
/// All fields stand in one array of bytes, as they stand on the wire: a received section costs two allocations, sending
/// one is one copy, and strings are made only of the values that somebody asks for.
package struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral, Sequence {
    package typealias Field = (name: String, value: String)

    /// Where a field stands: its name from `start`, then a colon and a space, its value, CR LF.
    struct Entry: Sendable {
        var start: Int32
        var nameEnd: Int32
        var valueEnd: Int32

        var name: Range<Int> { Int(start)..<Int(nameEnd) }
        var value: Range<Int> { Int(nameEnd) + 2..<Int(valueEnd) }
        var line: Range<Int> { Int(start)..<Int(valueEnd) + 2 }
    }

    /// `Name: value CR LF` for each field.
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
            remove(name)
            if let newValue { add(name, newValue) }
        }
    }

    package func all(_ name: String) -> [String] { values(name).map { String(decoding: $0, as: UTF8.self) } }

    /// The values of that name as they stand on the wire.
    func values(_ name: String) -> some Sequence<ArraySlice<UInt8>> {
        entries.lazy.filter { isNamed($0, name) }.map { bytes[$0.value] }
    }

    /// A field whose name is not a token is left out: it could only break the message (RFC 9110, section 5.1).
    package mutating func add(_ name: String, _ value: String) {
        let start = bytes.count
        bytes.append(contentsOf: name.utf8)
        guard bytes.count > start, bytes[start...].allSatisfy(\.isTokenCharacter) else {
            bytes.removeSubrange(start...)
            return
        }
        let nameEnd = bytes.count
        bytes.append(0x3A)
        bytes.append(0x20)
        // A line break in a value would begin another field, or another response (RFC 9110, section 5.5).
        for byte in value.utf8 { bytes.append(byte < 0x20 && byte != 0x09 || byte == 0x7F ? 0x20 : byte) }
        end(start, nameEnd)
    }

    /// Makes room, so that a section that comes at once moves nothing.
    mutating func reserve(bytes: Int, fields: Int) {
        self.bytes.reserveCapacity(bytes)
        entries.reserveCapacity(fields)
    }

    /// A field as received, its syntax checked.
    mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let start = bytes.count
        bytes.append(contentsOf: name)
        let nameEnd = bytes.count
        bytes.append(0x3A)
        bytes.append(0x20)
        bytes.append(contentsOf: value)
        end(start, nameEnd)
    }

    private mutating func end(_ start: Int, _ nameEnd: Int) {
        entries.append(Entry(start: Int32(start), nameEnd: Int32(nameEnd), valueEnd: Int32(bytes.count)))
        bytes.append(0x0D)
        bytes.append(0x0A)
    }

    /// Adds those fields whose names are not there yet.
    package mutating func addMissing(_ defaults: HTTPHeaders) {
        guard !hold(defaults) else { return }
        guard !defaults.entries.contains(where: { entry in entries.contains { isSameName($0, defaults, entry) } })
        else {
            for entry in defaults.entries where !entries.contains(where: { isSameName($0, defaults, entry) }) {
                append(entry, of: defaults)
            }
            return
        }
        let offset = Int32(bytes.count)
        bytes.append(contentsOf: defaults.bytes)
        for entry in defaults.entries {
            entries.append(
                Entry(
                    start: entry.start + offset, nameEnd: entry.nameEnd + offset, valueEnd: entry.valueEnd + offset))
        }
    }

    /// Whether those fields stand here in a row, as in a response that took them before it was kept: cheaper to see than
    /// name by name.
    private func hold(_ others: HTTPHeaders) -> Bool {
        guard let first = others.entries.first,
            let start = entries.first(where: { isSameName($0, others, first) })?.start,
            bytes.count - Int(start) >= others.bytes.count
        else { return false }
        return bytes.withUnsafeBytes { own in
            others.bytes.withUnsafeBytes { memcmp(own.baseAddress! + Int(start), $0.baseAddress!, $0.count) == 0 }
        }
    }

    private mutating func append(_ entry: Entry, of other: HTTPHeaders) {
        let offset = Int32(bytes.count) - entry.start
        bytes.append(contentsOf: other.bytes[entry.line])
        entries.append(
            Entry(start: entry.start + offset, nameEnd: entry.nameEnd + offset, valueEnd: entry.valueEnd + offset))
    }

    private mutating func remove(_ name: String) {
        guard contains(name) else { return }
        var kept = HTTPHeaders()
        for entry in entries where !isNamed(entry, name) { kept.append(entry, of: self) }
        self = kept
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

    /// Whether the connection may go on after a message with these fields (RFC 9112, section 9.3).
    func keepConnection(_ version: HTTPVersion) -> Bool {
        // Nearly every message goes without it.
        guard contains("Connection") else { return version == .http11 }
        let options = list("Connection")
        if options.contains(where: { $0.isSameHeader(as: "close") }) { return false }
        return version == .http11 || options.contains { $0.isSameHeader(as: "keep-alive") }
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

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    private func isNamed(_ entry: Entry, _ name: String) -> Bool {
        let name = name.utf8
        guard entry.name.count == name.count else { return false }
        var index = Int(entry.start)
        for byte in name {
            guard bytes[index].isSameLetter(as: byte) else { return false }
            index += 1
        }
        return true
    }

    private func isSameName(_ entry: Entry, _ other: HTTPHeaders, _ otherEntry: Entry) -> Bool {
        entry.name.count == otherEntry.name.count
            && zip(entry.name, otherEntry.name).allSatisfy { bytes[$0].isSameLetter(as: other.bytes[$1]) }
    }
}

extension Substring {
    /// Equal but for the case of ASCII letters, as names of fields, codings and hosts are compared.
    package func isSameHeader(as other: String) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.isSameLetter(as: $1) }
    }
}

extension String {
    package func isSameHeader(as other: String) -> Bool { self[...].isSameHeader(as: other) }
}

extension UInt8 {
    fileprivate func isSameLetter(as other: UInt8) -> Bool {
        self == other || (self | 0x20 == other | 0x20 && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20))
    }
}

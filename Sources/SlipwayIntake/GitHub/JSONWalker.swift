import Foundation
import SlipwayNet

/// The members that are wanted of an object.
protocol JSONFields {
    /// Takes a member's value by one of the walker's methods, or skips it.
    mutating func take(_ name: JSONWalker.Name, _ value: inout JSONWalker) throws
}

/// Walks over a JSON text (RFC 8259) and stops at the few values that somebody wants.
///
/// A push is 8 to 30 kB, of which some ten values matter: decoding all of it took a third of the time that a delivery
/// takes. What is not wanted is checked for its syntax and passed over; strings with escapes are Foundation's to decode.
struct JSONWalker {
    struct Malformed: Error {}

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0

    /// As deep as Foundation goes.
    private static let deepest = 512

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// A member's name, as it stands between its quotes.
    struct Name {
        fileprivate let bytes: UnsafeRawBufferPointer
        fileprivate let hasEscapes: Bool

        static func ~= (known: StaticString, name: Name) -> Bool {
            guard name.hasEscapes else {
                return name.bytes.count == known.utf8CodeUnitCount
                    && memcmp(name.bytes.baseAddress!, known.utf8Start, name.bytes.count) == 0
            }
            return JSONWalker.decode(name.bytes, hasEscapes: true) == known.description
        }
    }

    /// The object that is the whole text.
    /// - Parameter visit: is called for each member, and takes its value by one of the methods below, or `skip`.
    mutating func document(_ visit: (Name, inout JSONWalker) throws -> Void) throws {
        guard try object(visit) else { throw Malformed() }
        skipSpace()
        guard position == bytes.count else { throw Malformed() }
    }

    /// - Returns: false for another value, which is passed over.
    @discardableResult
    mutating func object(_ visit: (Name, inout JSONWalker) throws -> Void) throws -> Bool {
        guard try begins("{") else { return false }
        try nested { walker in
            guard !walker.takes("}") else { return }
            repeat {
                walker.skipSpace()
                let (name, hasEscapes) = try walker.quoted()
                guard walker.takes(":") else { throw Malformed() }
                try visit(Name(bytes: name, hasEscapes: hasEscapes), &walker)
            } while walker.takes(",")
            guard walker.takes("}") else { throw Malformed() }
        }
        return true
    }

    /// nil for another value, as the methods below too.
    mutating func fields<Fields: JSONFields>(_ empty: Fields) throws -> Fields? {
        var fields = empty
        return try object { name, walker in try fields.take(name, &walker) } ? fields : nil
    }

    mutating func string() throws -> String? {
        guard try begins("\"") else { return nil }
        position -= 1
        let (text, hasEscapes) = try quoted()
        guard let string = Self.decode(text, hasEscapes: hasEscapes) else { throw Malformed() }
        return string
    }

    mutating func strings() throws -> [String]? {
        guard try begins("[") else { return nil }
        var strings: [String]? = []
        try elements { walker in
            if let string = try walker.string() { strings?.append(string) } else { strings = nil }
        }
        return strings
    }

    mutating func integer() throws -> Int64? {
        Int64(String(decoding: try text(), as: UTF8.self))
    }

    /// A value of whatever kind, as it stands.
    mutating func text() throws -> UnsafeRawBufferPointer.SubSequence {
        skipSpace()
        let start = position
        try skip()
        return bytes[start..<position]
    }

    mutating func boolean() throws -> Bool? {
        skipSpace()
        let start = position
        try skip()
        switch bytes[start] {
        case UInt8(ascii: "t"): return true
        case UInt8(ascii: "f"): return false
        default: return nil
        }
    }

    /// Passes over a value of whatever kind.
    mutating func skip() throws {
        skipSpace()
        guard position < bytes.count else { throw Malformed() }
        switch bytes[position] {
        case UInt8(ascii: "{"): try object { _, walker in try walker.skip() }
        case UInt8(ascii: "["):
            position += 1
            try elements { walker in try walker.skip() }
        case UInt8(ascii: "\""): _ = try quoted()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    // MARK: Syntax

    /// Takes the first byte of a value, or passes over a value of another kind.
    private mutating func begins(_ first: Unicode.Scalar) throws -> Bool {
        if takes(first) { return true }
        try skip()
        return false
    }

    private mutating func takes(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func nested(_ content: (inout JSONWalker) throws -> Void) throws {
        depth += 1
        guard depth <= Self.deepest else { throw Malformed() }
        try content(&self)
        depth -= 1
    }

    private mutating func elements(_ visit: (inout JSONWalker) throws -> Void) throws {
        try nested { walker in
            guard !walker.takes("]") else { return }
            repeat { try visit(&walker) } while walker.takes(",")
            guard walker.takes("]") else { throw Malformed() }
        }
    }

    private mutating func word(_ word: StaticString) throws {
        let count = word.utf8CodeUnitCount
        guard bytes.count - position >= count,
            memcmp(bytes.baseAddress! + position, word.utf8Start, count) == 0
        else { throw Malformed() }
        position += count
    }

    /// RFC 8259, section 6.
    private mutating func number() throws {
        if at("-") { position += 1 }
        if at("0") { position += 1 } else { try digits() }
        if at(".") {
            position += 1
            try digits()
        }
        if at("e") || at("E") {
            position += 1
            if at("+") || at("-") { position += 1 }
            try digits()
        }
    }

    private func at(_ byte: Unicode.Scalar) -> Bool {
        position < bytes.count && bytes[position] == UInt8(ascii: byte)
    }

    private mutating func digits() throws {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        guard position > start else { throw Malformed() }
    }

    /// What stands between two quotes.
    private mutating func quoted() throws -> (text: UnsafeRawBufferPointer, hasEscapes: Bool) {
        guard at("\"") else { throw Malformed() }
        let start = position + 1
        position = start
        var hasEscapes = false
        while true {
            position = endOfPlainText()
            guard position < bytes.count else { throw Malformed() }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return (UnsafeRawBufferPointer(rebasing: bytes[start..<position - 1]), hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try escape()
            default: throw Malformed()
            }
        }
    }

    /// Where the next quote, backslash or control character is. Text is most of a payload, so eight bytes are looked at
    /// together: of each that is wanted, and by a borrow perhaps of those after it, the highest bit is set.
    private func endOfPlainText() -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var index = position
        while index &+ 8 <= bytes.count {
            let word = UInt64(littleEndian: (base + index).loadUnaligned(as: UInt64.self))
            let quotes = word ^ 0x2222_2222_2222_2222
            let backslashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
            let found =
                (quotes &- 0x0101_0101_0101_0101) & ~quotes
                | (backslashes &- 0x0101_0101_0101_0101) & ~backslashes
                | (word &- 0x2020_2020_2020_2020) & ~word
            let marks = found & 0x8080_8080_8080_8080
            // The lowest mark is never a borrow's.
            if marks != 0 { return index &+ marks.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < bytes.count {
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            index &+= 1
        }
        return index
    }

    private mutating func escape() throws {
        guard position + 1 < bytes.count else { throw Malformed() }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            guard position + 5 < bytes.count,
                bytes[position + 2...position + 5].allSatisfy({ $0.hexDigitValue != nil })
            else { throw Malformed() }
            position += 6
        default: throw Malformed()
        }
    }

    /// - Returns: nil where it is not text: half a surrogate pair, or not UTF-8.
    private static func decode(_ text: UnsafeRawBufferPointer, hasEscapes: Bool) -> String? {
        guard hasEscapes else { return String(validating: text, as: UTF8.self) }
        return try? JSONDecoder().decode(String.self, from: Data([0x22]) + Data(text) + Data([0x22]))
    }
}

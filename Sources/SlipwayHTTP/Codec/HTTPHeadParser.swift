/// What stands before a message's body.
struct HTTPHead {
    var startLine: StartLine
    var headers: HTTPHeaders
}

/// Reads the start line and the header section of a message, of either side, as its bytes arrive.
struct HTTPHeadParser {
    struct Limits {
        var startLineBytes: Int
        var headerBytes: Int
        var headerFields: Int
    }

    private let kind: StartLine.Kind
    private let limits: Limits
    private var lines = LineScanner()
    private var startLine: StartLine?
    private var headers = HTTPHeaders()
    private var emptyLines = 0
    private var headerBytes = 0

    init(_ kind: StartLine.Kind, limits: Limits) {
        self.kind = kind
        self.limits = limits
    }

    /// Whether a part of a message has been used up.
    /// By a pattern: `!= nil` would compare the lines, which are `Equatable`.
    var hasBegun: Bool { if case .some = startLine { true } else { false } }

    /// - Returns: nil: more bytes are needed.
    mutating func parse(_ buffer: inout ReadBuffer) throws(HTTPParseError) -> HTTPHead? {
        while true {
            if !hasBegun { try Self.checkFirstByte(buffer) }
            switch try lines.next(buffer, limit: lineLimit) {
            case .partial: return nil
            case .tooLong: throw hasBegun ? .headerTooLarge : .startLineTooLong
            case .complete(let count):
                if let startLine {
                    guard count > 0 else {
                        buffer.consume(2)
                        defer { reset() }
                        return HTTPHead(startLine: startLine, headers: headers)
                    }
                    headerBytes += count + 2
                    guard headerBytes <= limits.headerBytes else { throw .headerTooLarge }
                    guard headers.count < limits.headerFields else { throw .tooManyFields }
                    try buffer.withBytes { bytes throws(HTTPParseError) in
                        try FieldLine.parse(UnsafeRawBufferPointer(rebasing: bytes[..<count]), into: &headers)
                    }
                } else if count == 0, kind == .request {
                    // An empty line before a request is ignored (RFC 9112, section 2.2), but not for ever.
                    emptyLines += 2
                    guard emptyLines <= limits.startLineBytes else { throw .malformedStartLine }
                } else {
                    startLine = try buffer.withBytes { bytes throws(HTTPParseError) in
                        try StartLine.parse(UnsafeRawBufferPointer(rebasing: bytes[..<count]), as: kind)
                    }
                    headers.reserve(bytes: min(buffer.count - count, 2048), fields: 16)
                }
                buffer.consume(count + 2)
            }
        }
    }

    /// Of the line that comes next, with its end. The empty one after the fields is not counted as theirs.
    private var lineLimit: Int { hasBegun ? limits.headerBytes - headerBytes + 2 : limits.startLineBytes }

    /// What cannot become a message is refused at its first byte: a client that speaks TLS to a plain port gets an
    /// answer instead of silence.
    private static func checkFirstByte(_ buffer: ReadBuffer) throws(HTTPParseError) {
        guard let first = buffer.withBytes({ $0.first }) else { return }
        guard first.isTokenCharacter || first == 0x0D || first == 0x0A else { throw .malformedStartLine }
    }

    private mutating func reset() {
        startLine = nil
        headers = HTTPHeaders()
        emptyLines = 0
        headerBytes = 0
    }
}

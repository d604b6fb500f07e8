import SlipwayNet

/// Takes a body out of its framing as its bytes arrive.
struct HTTPBodyDecoder {
    struct Limits {
        /// Of the line with a chunk's size and extensions, its end included.
        var chunkLineBytes = 4096
        var trailerBytes: Int
        var trailerFields: Int
    }

    enum Progress: Equatable {
        /// Everything received is used up.
        case needsMore
        case complete
    }

    private enum State {
        case length(Int)
        case untilEnd
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailer
        case complete
    }

    private var state: State
    private let limits: Limits
    private var lines = LineScanner()
    /// Checked like a header section and then dropped: nothing in a trailer may change how a message is understood.
    private var trailer = HTTPHeaders()
    private var trailerBytes = 0

    init(_ framing: HTTPFraming, limits: Limits) {
        self.limits = limits
        switch framing {
        case .length(let length): state = length == 0 ? .complete : .length(length)
        case .chunked: state = .chunkSize
        case .untilEnd: state = .untilEnd
        }
    }

    var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    /// Bytes of the body that are still to come; nil: not known.
    var remaining: Int? {
        switch state {
        case .length(let length): length
        case .complete: 0
        default: nil
        }
    }

    /// Moves what is there of the body from the buffer to `body`.
    mutating func decode(_ buffer: inout ReadBuffer, into body: inout [UInt8]) throws(HTTPParseError) -> Progress {
        while true {
            switch state {
            case .complete: return .complete
            case .length(let length):
                guard !buffer.isEmpty else { return .needsMore }
                let left = length - buffer.move(upTo: length, to: &body)
                state = left == 0 ? .complete : .length(left)
            case .untilEnd:
                guard !buffer.isEmpty else { return .needsMore }
                _ = buffer.move(upTo: .max, to: &body)
            case .chunk(let length):
                guard !buffer.isEmpty else { return .needsMore }
                let left = length - buffer.move(upTo: length, to: &body)
                state = left == 0 ? .chunkEnd : .chunk(left)
            case .chunkEnd:
                guard try skipLineEnd(&buffer) else { return .needsMore }
                state = .chunkSize
            case .chunkSize:
                guard let size = try chunkSize(&buffer) else { return .needsMore }
                state = size == 0 ? .trailer : .chunk(size)
            case .trailer:
                guard let isEnd = try trailerLine(&buffer) else { return .needsMore }
                if isEnd { state = .complete }
            }
        }
    }

    /// The other side ended the connection.
    /// - Throws: `HTTPParseError.truncated` unless that is how this body ends.
    mutating func end() throws(HTTPParseError) {
        switch state {
        case .complete: break
        case .untilEnd: state = .complete
        default: throw .truncated
        }
    }

    /// Exactly CR LF, byte by byte: after data that is longer than its size nothing may be searched for a line's end.
    private func skipLineEnd(_ buffer: inout ReadBuffer) throws(HTTPParseError) -> Bool {
        let isThere = try buffer.withBytes { bytes throws(HTTPParseError) -> Bool in
            if let first = bytes.first, first != 0x0D { throw .malformedChunk }
            guard bytes.count >= 2 else { return false }
            guard bytes[1] == 0x0A else { throw .malformedChunk }
            return true
        }
        if isThere { buffer.consume(2) }
        return isThere
    }

    private mutating func chunkSize(_ buffer: inout ReadBuffer) throws(HTTPParseError) -> Int? {
        switch try nextLine(buffer, limit: limits.chunkLineBytes) {
        case .partial: return nil
        case .tooLong: throw .malformedChunk
        case .complete(let count):
            let size = try buffer.withBytes { bytes throws(HTTPParseError) in
                try Self.chunkSize(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
            buffer.consume(count + 2)
            return size
        }
    }

    private static func chunkSize(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) -> Int {
        var size = 0
        var index = 0
        while index < line.count, let digit = line[index].hexDigitValue {
            // By value: any number of zeros may stand before it.
            guard size <= Int.max >> 4 else { throw .chunkTooLarge }
            size = size << 4 | Int(digit)
            index += 1
        }
        guard index > 0 else { throw .malformedChunk }
        guard index < line.count else { return size }
        // Extensions are ignored (RFC 9112, section 7.1.1) but must be ones.
        while index < line.count, line[index] == 0x20 || line[index] == 0x09 { index += 1 }
        guard index < line.count, line[index] == UInt8(ascii: ";") else { throw .malformedChunk }
        for byte in line[index...] where byte < 0x20 && byte != 0x09 || byte == 0x7F { throw .malformedChunk }
        return size
    }

    private mutating func trailerLine(_ buffer: inout ReadBuffer) throws(HTTPParseError) -> Bool? {
        switch try nextLine(buffer, limit: limits.trailerBytes - trailerBytes) {
        case .partial: return nil
        case .tooLong: throw .trailerTooLarge
        case .complete(let count):
            if count > 0 {
                guard trailer.count < limits.trailerFields else { throw .trailerTooLarge }
                try buffer.withBytes { bytes throws(HTTPParseError) in
                    try FieldLine.parse(UnsafeRawBufferPointer(rebasing: bytes[..<count]), into: &trailer)
                }
            }
            trailerBytes += count + 2
            buffer.consume(count + 2)
            return count == 0
        }
    }

    private mutating func nextLine(_ buffer: ReadBuffer, limit: Int) throws(HTTPParseError) -> LineScanner.Line {
        do {
            return try lines.next(buffer, limit: limit)
        } catch {
            throw .malformedChunk
        }
    }
}

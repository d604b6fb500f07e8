import SlipwayBase

/// Takes the marker out of a stream of bytes, wherever its chunks end, and turns `\r\n` into `\n`.
///
/// Only what may be the marker is held back: a line that stands ready is not kept from those who watch.
struct ExitMarkerScanner: Sendable {
    private(set) var exitCode: Int?
    private let marker: [UInt8]
    private var held: [UInt8] = []
    private var isLineStart = true

    init(_ marker: ExitMarker) {
        self.marker = Array(marker.text.utf8)
    }

    /// - Returns: what is output for certain. After the marker nothing is.
    mutating func take(_ chunk: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(chunk.count)
        var rest = chunk[...]
        while exitCode == nil, let byte = rest.first {
            if !isLineStart, held.isEmpty {
                // To the end of a line nothing can begin.
                let line = rest[..<(rest.firstIndex(ofByte: newline) ?? rest.endIndex)]
                let end = line.firstIndex(ofByte: carriageReturn) ?? line.endIndex
                if end > rest.startIndex {
                    output += rest[..<end]
                    rest = rest[end...]
                    continue
                }
            }
            rest = rest.dropFirst()
            // A `\r` before `\n` is dropped; any other goes on.
            if byte == newline, held.last == carriageReturn { held.removeLast() }
            held.append(byte)
            settle(into: &output)
        }
        return output
    }

    /// What is left when the stream ends without a marker.
    mutating func finish() -> [UInt8] {
        defer { held = [] }
        return exitCode == nil ? held : []
    }

    private mutating func settle(into output: inout [UInt8]) {
        while let first = held.first {
            if held == [carriageReturn] { return }
            if isLineStart {
                // The marker's line follows an empty one, of which the command's last line may need the end.
                switch compare(first == newline ? held.dropFirst() : held[...]) {
                case .undecided: return
                case .marker(let code):
                    exitCode = code
                    return
                case .other: break
                }
            }
            isLineStart = first == newline
            output.append(held.removeFirst())
        }
    }

    private enum Comparison {
        case marker(Int), undecided, other
    }

    private func compare(_ bytes: ArraySlice<UInt8>) -> Comparison {
        var bytes = bytes
        // What follows says whether it is an end of line.
        if bytes.last == carriageReturn { bytes.removeLast() }
        guard bytes.count > marker.count else {
            return marker.starts(with: bytes) ? .undecided : .other
        }
        guard bytes.starts(with: marker) else { return .other }
        let digits = bytes.dropFirst(marker.count)
        guard digits.last == newline else {
            return digits.count <= 3 && digits.allSatisfy(\.isDigit) ? .undecided : .other
        }
        return Int(String(decoding: digits.dropLast(), as: UTF8.self)).map(Comparison.marker) ?? .other
    }
}

private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

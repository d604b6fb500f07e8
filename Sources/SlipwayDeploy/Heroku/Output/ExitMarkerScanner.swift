/// Takes the marker out of a stream of bytes, wherever its chunks end, and turns `\r\n` into `\n`.
struct ExitMarkerScanner: Sendable {
    private(set) var exitCode: Int?
    private let marker: [UInt8]
    /// Held back: it may be the beginning of the marker.
    private var held: [UInt8] = []

    init(_ marker: ExitMarker) {
        self.marker = [newline] + Array(marker.text.utf8)
    }

    /// - Returns: what is output for certain. After the marker nothing is.
    mutating func take(_ chunk: [UInt8]) -> [UInt8] {
        guard exitCode == nil else { return [] }
        var output: [UInt8] = []
        for byte in chunk {
            // A `\r` before `\n` is dropped; any other goes on.
            if byte == newline, held.last == carriageReturn { held.removeLast() }
            held.append(byte)
            settle(into: &output)
            if exitCode != nil { break }
        }
        return output
    }

    /// What is left when the stream ends without a marker.
    mutating func finish() -> [UInt8] {
        defer { held = [] }
        return exitCode == nil ? held : []
    }

    private mutating func settle(into output: inout [UInt8]) {
        while !held.isEmpty {
            let compared = min(held.count, marker.count)
            if held[..<compared].elementsEqual(marker[..<compared]) {
                guard held.count > marker.count, let last = held.last else { return }
                let digits = held[marker.count...].dropLast()
                if last == newline, let code = Int(String(decoding: digits, as: UTF8.self)) {
                    exitCode = code
                    return
                }
                // Three digits, and a `\r` that the `\n` after it will drop.
                if held.count - marker.count <= 5, last.isDigit || last == carriageReturn { return }
            } else if held == [carriageReturn] {
                return
            } else if held.count > 1, held.last == carriageReturn, isPrefix(held.dropLast()) {
                return
            }
            output.append(held.removeFirst())
        }
    }

    private func isPrefix(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count <= marker.count && bytes.elementsEqual(marker[..<bytes.count])
    }
}

private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

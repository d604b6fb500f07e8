import Glibc

/// Finds the lines of a message one after the other, looking at each byte once however the bytes arrive.
///
/// Lines end in CR LF. RFC 9112, section 2.2 lets a recipient take a bare LF too; we do not, because two recipients
/// that differ in it read different messages.
struct LineScanner {
    /// Bytes after the buffer's start that are known to hold no LF.
    private var scanned = 0

    enum Line {
        /// Its length without CR LF; it stands at the buffer's start.
        case complete(Int)
        /// Its end has not come yet.
        case partial
        /// Its end is not where it would have to be by now.
        case tooLong
    }

    /// - Parameter limit: bytes of the line, its end included. Nothing after them is looked at, so that a line that is
    ///   too long is that whether or not its end has arrived with it.
    /// - Throws: `HTTPParseError.bareLineFeed`.
    mutating func next(_ buffer: ReadBuffer, limit: Int) throws(HTTPParseError) -> Line {
        let end: Int? = try buffer.withBytes { bytes throws(HTTPParseError) in
            let reach = min(bytes.count, limit)
            guard scanned < reach, let base = bytes.baseAddress,
                let found = memchr(base + scanned, 0x0A, reach - scanned)
            else { return nil }
            let index = found - UnsafeMutableRawPointer(mutating: base)
            guard index > 0, bytes[index - 1] == 0x0D else { throw .bareLineFeed }
            return index - 1
        }
        guard let end else {
            guard buffer.count < limit else { return .tooLong }
            scanned = buffer.count
            return .partial
        }
        scanned = 0
        return .complete(end)
    }
}

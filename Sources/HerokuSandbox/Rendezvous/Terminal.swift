/// What a terminal would do to the bytes between a client and a process that has none: the Docker CLI gives a container
/// one only if it has one itself.
struct Terminal: Sendable {
    let isPresent: Bool

    enum Key: Sendable, Hashable {
        case bytes([UInt8])
        case endOfFile
        /// `INT` or `QUIT`.
        case signal(String)
    }

    /// Line ends as a terminal prints them.
    func printed(_ bytes: [UInt8]) -> [UInt8] {
        guard isPresent else { return bytes }
        var printed: [UInt8] = []
        printed.reserveCapacity(bytes.count + 16)
        for byte in bytes {
            if byte == UInt8(ascii: "\n") { printed.append(UInt8(ascii: "\r")) }
            printed.append(byte)
        }
        return printed
    }

    /// The control characters that clients send for what a stream of bytes cannot say (docs/heroku.md, 3.2).
    func pressed(_ bytes: [UInt8]) -> [Key] {
        var keys: [Key] = []
        var text: [UInt8] = []
        for byte in bytes {
            let key: Key? =
                switch byte {
                case 0x03: .signal("INT")
                case 0x04: .endOfFile
                case 0x1C: .signal("QUIT")
                default: nil
                }
            guard let key else {
                text.append(byte == UInt8(ascii: "\r") && isPresent ? UInt8(ascii: "\n") : byte)
                continue
            }
            if !text.isEmpty { keys.append(.bytes(text)) }
            text = []
            keys.append(key)
        }
        if !text.isEmpty { keys.append(.bytes(text)) }
        return keys
    }

    /// What the client sees of its own keys.
    func echo(_ bytes: [UInt8]) -> [UInt8] { isPresent ? printed(bytes) : [] }
}

import SlipwayNet

/// A session's CSRF token as a page has it: another text each time. Pages are compressed, and the length of a compressed
/// text tells whether what somebody else has chosen in it stands there a second time (BREACH).
enum MaskedToken {
    /// - Returns: hexadecimal digits: a random mask, and the token beneath it.
    static func mask(_ token: [UInt8]) -> String {
        let mask = token.map { _ in UInt8.random(in: 0...255) }
        return (mask + zip(mask, token).map { $0 ^ $1 }).hex
    }

    /// - Returns: nil for what `mask` cannot have made.
    static func unmask(_ text: String) -> [UInt8]? {
        guard let bytes = [UInt8](hex: text), bytes.count.isMultiple(of: 2) else { return nil }
        let half = bytes.count / 2
        return zip(bytes[..<half], bytes[half...]).map { $0 ^ $1 }
    }
}

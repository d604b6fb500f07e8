/// The name of a git object: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits.
package struct CommitID: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init?(_ text: String) {
        let bytes = text.utf8
        guard bytes.count == 40 || bytes.count == 64 else { return nil }
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): continue
            default: return nil
            }
        }
        description = text
    }

    /// All zeros: GitHub's word for "no commit", the `after` of a deletion and the `before` of a creation.
    package var isZero: Bool { description.utf8.allSatisfy { $0 == UInt8(ascii: "0") } }

    /// The first seven digits, as git shows them.
    package var short: String { String(description.prefix(7)) }
}

/// What a job deploys. The id is nil until checkout has looked a tag up: a release payload names no commit.
package struct Commit: Sendable, Hashable {
    package var id: CommitID?
    /// The whole message as its author wrote it: text from outside, to be escaped where it is shown.
    package var message: String
    package var author: String?

    package init(id: CommitID?, message: String = "", author: String? = nil) {
        self.id = id
        self.message = message
        self.author = author
    }

    /// The message's first line.
    package var subject: String {
        String(message.split(whereSeparator: \.isNewline).first ?? "")
    }
}

import Foundation

/// Takes secrets out of text, in every spelling in which programs print them.
///
/// A secret is hidden raw, percent-encoded, and in base64 wherever it stands in the encoded text (a registry's login
/// is the base64 of `_:key`); one of several lines also line by line. Values under eight bytes are left alone: they
/// would blot out innocent text.
package struct Redactor: Sendable {
    package static let mark = "[REDACTED]"

    private var seen: Set<[UInt8]> = []
    /// By first byte, longest first, so that a secret within a secret does not leave the rest of the longer one behind.
    private var needles: [UInt8: [[UInt8]]] = [:]

    package init(secrets: [Secret]) {
        for secret in secrets { hide(secret) }
    }

    /// Hides one more secret from now on: a URL that is itself a key, learned during a job.
    package mutating func hide(_ secret: Secret) {
        for spelling in Self.spellings(of: secret.revealed) where seen.insert(spelling).inserted {
            needles[spelling[0], default: []].append(spelling)
            needles[spelling[0]]?.sort { $0.count > $1.count }
        }
    }

    /// - Parameter line: a whole line; of a secret cut in two neither half is found.
    package func redact(_ line: [UInt8]) -> [UInt8] {
        var clean: [UInt8] = []
        clean.reserveCapacity(line.count)
        var index = 0
        while index < line.count {
            let secret = needles[line[index]]?.first { line[index...].starts(with: $0) }
            if let count = secret?.count ?? Self.capabilityURL(at: index, in: line) {
                clean += Self.mark.utf8
                index += count
            } else {
                clean.append(line[index])
                index += 1
            }
        }
        return clean
    }

    package func redact(_ text: String) -> String {
        String(decoding: redact(Array(text.utf8)), as: UTF8.self)
    }

    private static let shortest = 8

    private static func spellings(of secret: String) -> [[UInt8]] {
        guard secret.utf8.count >= shortest else { return [] }
        var spellings: [[UInt8]] = []
        for text in [secret] + secret.split(whereSeparator: \.isNewline).map(String.init) {
            spellings += [
                Array(text.utf8), percentEncoded(text, "0123456789ABCDEF"), percentEncoded(text, "0123456789abcdef"),
            ]
        }
        for offset in 0..<3 {
            // Three bytes are four characters: those that also hold bits of a neighbour can be anything.
            let bytes = Data(Array(repeating: 0, count: offset) + Array(secret.utf8))
            let own = (offset * 8 + 5) / 6..<bytes.count * 8 / 6
            let code = Array(Array(bytes.base64EncodedString().utf8)[own])
            let urlSafe = code.map {
                $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0
            }
            spellings += [code, urlSafe]
        }
        return spellings.filter { $0.count >= shortest }
    }

    private static func percentEncoded(_ text: String, _ digits: String) -> [UInt8] {
        let digits = Array(digits.utf8)
        return text.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                [byte]
            default: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }

    /// Heroku's URLs that open a dyno or a log to whoever knows them (reference: heroku.md, T20).
    private static let capabilityPrefixes = [
        "rendezvous://", "https://release-output.heroku.com/", "https://build-output.heroku.com/",
        "https://logplex.heroku.com/", "https://api.heroku.com/log-sessions/",
    ].map { Array($0.utf8) }

    /// The length of such a URL that begins here.
    private static func capabilityURL(at index: Int, in line: [UInt8]) -> Int? {
        guard line[index] == UInt8(ascii: "r") || line[index] == UInt8(ascii: "h") else { return nil }
        guard capabilityPrefixes.contains(where: { line[index...].starts(with: $0) }) else { return nil }
        let end = line[index...].firstIndex { $0 <= 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
        return (end ?? line.count) - index
    }
}

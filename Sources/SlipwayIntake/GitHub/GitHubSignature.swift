package import SlipwayBase
import SlipwayNet

/// The `X-Hub-Signature-256` of a body: `sha256=` and 64 lower-case hexadecimal digits.
package struct GitHubSignature: Sendable {
    private let digest: [UInt8]

    package enum ParseError: Error, Sendable {
        case missing
        case malformed
    }

    /// - Parameter header: nil when the delivery carries none.
    package init(header: String?) throws(ParseError) {
        guard let header else { throw .missing }
        guard header.hasPrefix("sha256=") else { throw .malformed }
        let digits = String(header.utf8.dropFirst("sha256=".utf8.count))!
        // Both would be equal in value, but GitHub writes lower case, and one spelling leaves nothing to interpret.
        guard digits.utf8.count == 64, !digits.utf8.contains(where: (UInt8(ascii: "A")...UInt8(ascii: "F")).contains),
            let digest = [UInt8](hex: digits)
        else { throw .malformed }
        self.digest = digest
    }

    /// Those of the secrets that made this signature of these bytes.
    package func signers(of body: [UInt8], among secrets: Set<Secret>) -> Set<Secret> {
        let check = check(against: secrets)
        check.update(body)
        return check.signers()
    }

    /// Begins to check it while the body arrives.
    func check(against secrets: Set<Secret>) -> Check { Check(digest, secrets) }

    /// Every secret is tried, also after a match, so that the time taken says nothing about which one it was.
    final class Check {
        private let digest: [UInt8]
        private let codes: [(secret: Secret, code: HMACSHA256)]

        fileprivate init(_ digest: [UInt8], _ secrets: Set<Secret>) {
            self.digest = digest
            codes = secrets.map { ($0, HMACSHA256(key: Array($0.revealed.utf8))) }
        }

        func update(_ piece: [UInt8]) {
            for (_, code) in codes { code.update(piece) }
        }

        /// Once, when the body is complete.
        func signers() -> Set<Secret> {
            var signers: Set<Secret> = []
            for (secret, code) in codes {
                // An empty secret signs whatever anyone sends; the configuration refuses it, and so does this.
                if constantTimeEqual(code.finish(), digest), !secret.isEmpty { signers.insert(secret) }
            }
            return signers
        }
    }
}

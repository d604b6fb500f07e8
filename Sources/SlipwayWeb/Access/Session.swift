package import SlipwayBase
import SlipwayCore
import SlipwayNet

/// A browser that has logged in: which token it showed, until when it counts.
package struct Session: Sendable, Hashable {
    /// The token's name; its permissions are looked up with each request.
    package var token: String
    package var expires: Timestamp
    /// Makes each session's CSRF token its own.
    package var nonce: String

    /// Seconds; seven days.
    static let lifetime: Int64 = 604_800
}

/// Signs and checks sessions. The keys are derived from all tokens' values and a salt, so that no session is stored, a
/// token that is changed or taken away ends all of them, and a cookie's signature tells nothing of the tokens.
struct SessionKeys: Sendable {
    private let sessionKey: [UInt8]
    private let csrfKey: [UInt8]

    init(tokens: [AccessToken], salt: Secret) {
        // Lengths, so that no two lists of tokens run together into the same bytes.
        let texts = [salt.revealed] + tokens.flatMap { [$0.name, $0.value.revealed] }
        let material = texts.flatMap { Array("\($0.utf8.count):\($0)".utf8) }
        sessionKey = HMACSHA256.authenticate(Array("slipway session".utf8), key: material)
        csrfKey = HMACSHA256.authenticate(Array("slipway csrf".utf8), key: material)
    }

    /// Eight digits that differ from one data folder to the next and tell nothing of the salt.
    static func mark(of salt: Secret) -> String {
        let code = HMACSHA256.authenticate(Array("slipway cookie".utf8), key: Array(salt.revealed.utf8))
        return Array(code.prefix(4)).hex
    }

    /// A cookie's value: `name.expires.nonce.signature`, all of them hexadecimal or decimal digits.
    func seal(_ session: Session) -> String {
        let text = Self.text(session)
        return text + "." + HMACSHA256.authenticate(Array(text.utf8), key: sessionKey).hex
    }

    /// - Returns: nil for what `seal` has not made with these keys.
    func open(_ value: String) -> Session? {
        let parts = value.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let signature = [UInt8](hex: String(parts[3])) else { return nil }
        let expected = HMACSHA256.authenticate(Array(parts[..<3].joined(separator: ".").utf8), key: sessionKey)
        guard constantTimeEqual(signature, expected) else { return nil }
        guard let name = [UInt8](hex: String(parts[0])), let expires = Int64(parts[1]) else { return nil }
        return Session(
            token: String(decoding: name, as: UTF8.self), expires: Timestamp(milliseconds: expires),
            nonce: String(parts[2]))
    }

    func csrfToken(for session: Session) -> [UInt8] {
        HMACSHA256.authenticate(Array(Self.text(session).utf8), key: csrfKey)
    }

    private static func text(_ session: Session) -> String {
        "\(Array(session.token.utf8).hex).\(session.expires.milliseconds).\(session.nonce)"
    }
}

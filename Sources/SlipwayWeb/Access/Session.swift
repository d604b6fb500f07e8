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

/// Signs and checks sessions. The keys are derived from all tokens' values, so that nothing is stored, and a token
/// that is changed or taken away ends all sessions.
struct SessionKeys: Sendable {
    private let sessionKey: [UInt8]
    private let csrfKey: [UInt8]

    init(tokens: [AccessToken]) {
        // Lengths, so that no two lists of tokens run together into the same bytes.
        let material = tokens.flatMap { token -> [UInt8] in
            [token.name, token.value.revealed].flatMap { Array("\($0.utf8.count):\($0)".utf8) }
        }
        sessionKey = HMACSHA256.authenticate(Array("slipway session".utf8), key: material)
        csrfKey = HMACSHA256.authenticate(Array("slipway csrf".utf8), key: material)
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

    func csrfToken(for session: Session) -> String {
        HMACSHA256.authenticate(Array(Self.text(session).utf8), key: csrfKey).hex
    }

    private static func text(_ session: Session) -> String {
        "\(Array(session.token.utf8).hex).\(session.expires.milliseconds).\(session.nonce)"
    }
}

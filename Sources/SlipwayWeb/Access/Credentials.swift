import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet

/// What of the configuration says who a request comes from, made ready for comparing.
final class Credentials: Sendable {
    let isPublic: Bool
    let keys: SessionKeys
    let isHTTPS: Bool
    let trustedProxies: [String]
    private let publicOrigin: Origin?
    private let tokens: [(token: AccessToken, hash: [UInt8])]

    init(_ server: ServerSettings) {
        isPublic = server.publicStatus
        keys = SessionKeys(tokens: server.tokens)
        isHTTPS = server.publicURL?.hasPrefix("https://") == true
        trustedProxies = server.trustedProxies
        publicOrigin = server.publicURL.flatMap(Origin.init)
        tokens = server.tokens.filter { !$0.value.isEmpty }.map { ($0, SHA256.hash(Array($0.value.revealed.utf8))) }
    }

    /// The token of this value. All are compared, and by their hashes, so that the time taken depends neither on which
    /// one matches nor on how much of one.
    func token(matching value: some StringProtocol) -> AccessToken? {
        let hash = SHA256.hash(Array(value.utf8))
        var match: AccessToken?
        for (token, known) in tokens where constantTimeEqual(known, hash) { match = token }
        return match
    }

    var cookieName: String { isHTTPS ? "__Host-slipway" : "slipway" }

    func token(named name: String) -> AccessToken? { tokens.first { $0.token.name == name }?.token }

    /// Whether a page of this server sent the request.
    func isOwn(_ origin: String, of request: HTTPRequest) -> Bool {
        guard let origin = Origin(origin) else { return false }
        return origin.isOf(request) || origin == publicOrigin
    }
}

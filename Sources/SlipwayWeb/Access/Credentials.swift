import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet

/// What of the configuration says who a request comes from, made ready for comparing.
final class Credentials: Sendable {
    let isPublic: Bool
    let keys: SessionKeys
    let cookieName: String
    /// Browsers send the cookie over https only.
    let isHTTPS: Bool
    let publicURL: String?
    let trustedProxies: [String]
    private let publicOrigin: Origin?
    private let tokens: [(token: AccessToken, hash: [UInt8])]

    init(_ server: ServerSettings, salt: Secret) {
        isPublic = server.publicStatus
        keys = SessionKeys(tokens: server.tokens, salt: salt)
        publicURL = server.publicURL
        isHTTPS = server.publicURL?.hasPrefix("https://") == true
        // Cookies know no ports: two servers on one host must not take each other's for an own one that is over.
        cookieName = (isHTTPS ? "__Host-slipway-" : "slipway-") + SessionKeys.mark(of: salt)
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

    func token(named name: String) -> AccessToken? { tokens.first { $0.token.name == name }?.token }

    /// Whether a token that was right once is so still.
    func holds(_ token: AccessToken, _ permission: AccessToken.Permission) -> Bool {
        guard let now = self.token(named: token.name), now.permissions.contains(permission) else { return false }
        return constantTimeEqual(Array(now.value.revealed.utf8), Array(token.value.revealed.utf8))
    }

    func trusts(_ address: String) -> Bool {
        guard !trustedProxies.isEmpty, let address = IPAddress(address) else { return false }
        return trustedProxies.contains { AddressRange($0)?.contains(address) == true }
    }

    /// Whether a page of this server sent the request.
    func isOwn(_ origin: Origin, of request: HTTPRequest) -> Bool {
        if origin == publicOrigin || origin.isOf(host: request.headers["Host"] ?? "") { return true }
        // What the proxy was asked for, where it asks this server for another host.
        return trusts(request.remoteAddress)
            && request.headers.list("X-Forwarded-Host").contains { origin.isOf(host: String($0)) }
    }
}

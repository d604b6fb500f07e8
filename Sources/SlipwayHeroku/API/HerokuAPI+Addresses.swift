import SlipwayHTTP
import SlipwayNet

/// Which of the addresses that the Platform API's answers name are followed: output of release phases, logs, dynos to
/// attach to. They come from outside, and what they answer is shown in a log: followed blindly they would show what only
/// this server can reach.
extension HerokuAPI {
    /// - Parameters:
    ///   - host: in any case, without brackets.
    ///   - isSecure: whether TLS proves that it is this host.
    func follows(host: String, port: Int, isSecure: Bool) -> Bool {
        var name = host.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        // Not herokuapp.com: there everybody has hosts of their own.
        if isSecure, name == "heroku.com" || name.hasSuffix(".heroku.com") { return true }
        guard let own = HTTPURL(url) else { return false }
        if Loopback.holds(host: own.host) { return Loopback.holds(host: name) }
        return isSecure && own.isSecure && name == own.host.lowercased() && port == own.port
    }

    /// - Returns: the host of an address that is not followed; nil: it is one to follow, or no address at all, which is
    ///   the client's to say.
    func foreignHost(of address: String) -> String? {
        guard let parts = HTTPURL(address) else { return nil }
        return follows(host: parts.host, port: parts.port, isSecure: parts.isSecure) ? nil : parts.host
    }
}

import Logging
import SlipwayBase
import SlipwayHTTP
import SlipwayNet
import Synchronization

/// Which addresses were seen that forward requests and are not among `server.trusted_proxies`: of each the log tells once.
struct Forwarders: Sendable {
    /// Anybody on the Internet can write the header. Those few that it tells of do not keep a proxy of the operator's own
    /// networks from being told of.
    private static let capacity = (anywhere: 8, private: 64)

    private var told: Set<String> = []

    mutating func isNews(_ address: String) -> Bool {
        guard !told.contains(address) else { return false }
        let isPrivate = IPAddress(address)?.isPrivate == true
        guard told.count < (isPrivate ? Self.capacity.private : Self.capacity.anywhere) else { return false }
        told.insert(address)
        return true
    }
}

extension Access {
    /// Looks at each request that was answered.
    func noteForwarder(of request: HTTPRequest) {
        guard request.headers.contains("X-Forwarded-For"), !credentials.value.trusts(request.remoteAddress) else {
            return
        }
        guard forwarders.withLock({ $0.isNews(request.remoteAddress) }) else { return }
        logger.warning(
            "X-Forwarded-For comes from an address that server.trusted_proxies does not name, so that all clients behind it count as one; name it there if it is your proxy",
            metadata: ["address": "\(request.remoteAddress)"])
    }
}

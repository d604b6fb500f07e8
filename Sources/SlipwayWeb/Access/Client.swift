import SlipwayHTTP
import SlipwayNet

/// Where a request comes from, for counting what comes from there.
struct Client: Sendable {
    /// For people.
    let address: String
    let network: ClientNetwork
    /// Whether the address is the connection's own, and not what a trusted proxy says.
    private let isPeer: Bool
    private let headers: HTTPHeaders
    private let proxies: [String]

    init(of request: HTTPRequest, trusting proxies: [String]) {
        address = request.clientAddress(trusting: proxies)
        network = ClientNetwork(address)
        isPeer = address == request.remoteAddress
        headers = request.headers
        self.proxies = proxies
    }

    /// Whether anybody may be behind the address: it is a proxy's, as far as that can be told from here. A proxy on this
    /// machine needs no mark; one on another writes headers that anybody can write, so that they count only on a network
    /// that the Internet does not reach. Of a client behind a trusted proxy they say nothing, because that proxy writes
    /// them for everybody.
    var isShared: Bool {
        guard let ip = IPAddress(address) else { return false }
        return ip.isLoopback || proxies.contains { AddressRange($0)?.contains(ip) == true }
            || isPeer && ip.isPrivate && Self.marks.contains { headers.contains($0) }
    }

    private static let marks = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto"]
}

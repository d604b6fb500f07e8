import SlipwayNet

/// A request's head with everything checked that the server depends on.
struct HTTPRequestHead {
    var method: HTTPMethod
    var target: HTTPTarget
    /// `OPTIONS *`: about the server, not about a path.
    var isAboutServer: Bool
    var version: HTTPVersion
    var headers: HTTPHeaders
    var framing: HTTPFraming
    /// Whether the client is ready for another request on this connection.
    var keepsAlive: Bool
    /// Whether the client waits for a word before it sends the body (RFC 9110, section 10.1.1).
    var expectsContinue: Bool

    init(_ head: HTTPHead) throws(HTTPParseError) {
        guard case .request(let method, let target, let version) = head.startLine else { throw .malformedStartLine }
        var headers = head.headers
        try Self.checkHost(headers, version)
        // Without tunnels there is nothing that CONNECT could mean.
        guard method != "CONNECT" else { throw .unsupportedMethod }
        isAboutServer = method == "OPTIONS" && target == "*"
        let origin = try isAboutServer ? "/" : Self.originForm(target, &headers)
        guard let parsed = HTTPTarget(origin) else { throw .malformedTarget }
        framing = try .request(headers, version)
        self.method = HTTPMethod(method)
        self.target = parsed
        self.version = version
        self.headers = headers
        keepsAlive = headers.keepConnection(version)
        expectsContinue =
            version == .http11 && framing != .length(0)
            && headers["Expect"]?.isSameHeader(as: "100-continue") == true
    }

    private init() {
        method = .get
        target = .root
        isAboutServer = false
        version = .http11
        headers = HTTPHeaders()
        framing = .length(0)
        keepsAlive = false
        expectsContinue = false
    }

    /// Stands in for a head that could not be read, where an answer needs one.
    static let unreadable = HTTPRequestHead()

    /// RFC 9112, section 3.2: one valid Host, in HTTP/1.0 none will do.
    private static func checkHost(_ headers: HTTPHeaders, _ version: HTTPVersion) throws(HTTPParseError) {
        var hosts = 0
        for host in headers.values("Host") {
            hosts += 1
            guard hosts == 1, host.isEmpty || isAuthority(host) else { throw .malformedHost }
        }
        guard hosts == 1 || version == .http10 else { throw .missingHost }
    }

    /// Of `http://host/path` the path; the host in it counts more than the field (RFC 9112, section 3.2.2).
    private static func originForm(_ target: String, _ headers: inout HTTPHeaders) throws(HTTPParseError) -> String {
        if target.utf8.first == UInt8(ascii: "/") { return target }
        guard let scheme = ["http://", "https://"].first(where: { target.prefix($0.count).isSameHeader(as: $0) }) else {
            throw .malformedTarget
        }
        let rest = target.dropFirst(scheme.count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard isAuthority(Array(rest[..<end].utf8)[...]) else { throw .malformedTarget }
        headers["Host"] = String(rest[..<end])
        return rest[end...].first == "/" ? String(rest[end...]) : "/" + rest[end...]
    }

    /// `host`, `host:port`, `[address]:port`; no user, no list.
    private static func isAuthority(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        if rest.first == UInt8(ascii: "[") {
            guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = rest[rest.startIndex + 1..<end]
            guard !address.isEmpty, address.allSatisfy({ $0.hexDigitValue != nil || $0 == 0x3A || $0 == 0x2E }) else {
                return false
            }
            rest = rest[(end + 1)...]
        } else {
            let end = rest.firstIndex { !nameCharacters[Int($0)] } ?? rest.endIndex
            guard end > rest.startIndex else { return false }
            rest = rest[end...]
        }
        guard !rest.isEmpty else { return true }
        guard rest.first == UInt8(ascii: ":"), rest.count <= 6 else { return false }
        return rest.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// RFC 3986, section 3.2.2, without the comma: a list of hosts is an attempt at something.
    private static let nameCharacters: [Bool] = (0..<256).map { value in
        let byte = UInt8(value)
        return !"#^`|".utf8.contains(byte) && (byte.isTokenCharacter || "();=".utf8.contains(byte))
    }
}

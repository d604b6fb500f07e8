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
        let hosts = headers.all("Host")
        guard hosts.count <= 1 else { throw .malformedHost }
        guard let host = hosts.first else {
            guard version == .http10 else { throw .missingHost }
            return
        }
        guard host.isEmpty || isAuthority(host) else { throw .malformedHost }
    }

    /// Of `http://host/path` the path; the host in it counts more than the field (RFC 9112, section 3.2.2).
    private static func originForm(_ target: String, _ headers: inout HTTPHeaders) throws(HTTPParseError) -> String {
        if target.utf8.first == UInt8(ascii: "/") { return target }
        guard let scheme = ["http://", "https://"].first(where: { target.prefix($0.count).isSameHeader(as: $0) }) else {
            throw .malformedTarget
        }
        let rest = target.dropFirst(scheme.count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard isAuthority(rest[..<end]) else { throw .malformedTarget }
        headers["Host"] = String(rest[..<end])
        return rest[end...].first == "/" ? String(rest[end...]) : "/" + rest[end...]
    }

    /// `host`, `host:port`, `[address]:port`; no user, no list.
    private static func isAuthority(_ text: some StringProtocol) -> Bool {
        var bytes = Substring(text).utf8[...]
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = bytes[bytes.index(after: bytes.startIndex)..<end]
            guard !address.isEmpty, address.allSatisfy({ $0.hexDigitValue != nil || $0 == 0x3A || $0 == 0x2E }) else {
                return false
            }
            bytes = bytes[bytes.index(after: end)...]
        } else {
            let name = bytes.prefix { $0 != UInt8(ascii: ":") }
            guard !name.isEmpty, name.allSatisfy(isNameCharacter) else { return false }
            bytes = bytes[name.endIndex...]
        }
        guard !bytes.isEmpty else { return true }
        guard bytes.first == UInt8(ascii: ":"), bytes.count <= 6 else { return false }
        return bytes.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// RFC 3986, section 3.2.2, without the comma: a list of hosts is an attempt at something.
    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "#") && byte != UInt8(ascii: "^") && byte != UInt8(ascii: "`") && byte != UInt8(ascii: "|")
            && (byte.isTokenCharacter || "();=".utf8.contains(byte))
    }
}

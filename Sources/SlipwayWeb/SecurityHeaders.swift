import SlipwayHTTP

/// What every answer carries, so that a browser takes it for nothing but what it is.
enum SecurityHeaders {
    static func add(to response: inout HTTPResponse, isSecure: Bool) {
        response.headers.addMissing(isSecure ? overTLS : always)
        if response.status != .noContent, response.status != .notModified { response.headers.addMissing(type) }
    }

    private static let always: HTTPHeaders = [
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
        "Vary": "Accept, Cookie",
        // Not `no-referrer`, which makes browsers send `Origin: null` with the forms of our own pages.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    ]
    /// Where TLS ends here; where it ends in a proxy, the proxy knows what else its name serves. Half a year, the host
    /// alone (RFC 6797).
    private static let overTLS: HTTPHeaders = {
        var headers = always
        headers.add("Strict-Transport-Security", "max-age=15552000")
        return headers
    }()
    private static let type: HTTPHeaders = ["Content-Type": "text/plain; charset=utf-8"]
}

import SlipwayHTTP

/// What every answer carries, so that a browser takes it for nothing but what it is.
enum SecurityHeaders {
    static func add(to response: inout HTTPResponse, isSecure: Bool) {
        // Where TLS ends here; where it ends in a proxy, the proxy knows what else its name serves. Half a year, the host
        // alone (RFC 6797).
        if isSecure { response.headers["Strict-Transport-Security"] = "max-age=15552000" }
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'"
        response.headers["Vary"] = "Accept, Cookie"
        // Not `no-referrer`, which makes browsers send `Origin: null` with the forms of our own pages.
        response.headers["Referrer-Policy"] = "same-origin"
        if response.headers["Cache-Control"] == nil { response.headers["Cache-Control"] = "no-store" }
        if response.headers["Content-Type"] == nil, response.status != .noContent, response.status != .notModified {
            response.headers["Content-Type"] = "text/plain; charset=utf-8"
        }
    }
}

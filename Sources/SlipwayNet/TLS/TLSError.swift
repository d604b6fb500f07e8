import COpenSSL

/// A certificate, key or root file that cannot be used.
package struct TLSError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ what: String) {
        description = "\(what): \(Self.lastReason())"
    }

    /// What OpenSSL last complained about on this thread; empties its list.
    static func lastReason() -> String {
        var reasons: [String] = []
        while case let code = ERR_get_error(), code != 0 {
            if let reason = ERR_reason_error_string(code) {
                reasons.append(String(cString: reason))
            } else {
                reasons.append("error \(code)")
            }
        }
        return reasons.last ?? "unknown error"
    }
}

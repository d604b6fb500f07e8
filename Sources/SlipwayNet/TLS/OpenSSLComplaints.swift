import COpenSSL
import Glibc

/// What OpenSSL has complained about on this thread, the cause first.
struct OpenSSLComplaints {
    private let codes: [UInt]

    /// Empties OpenSSL's list.
    init() {
        var codes: [UInt] = []
        while case let code = ERR_get_error(), code != 0 { codes.append(code) }
        self.codes = codes
    }

    func contains(_ library: Int32, _ reasons: Int32...) -> Bool {
        codes.contains { ERR_GET_LIB($0) == library && reasons.contains(ERR_GET_REASON($0)) }
    }

    /// The first: what follows only says who passed it on.
    var text: String {
        guard let code = codes.first else { return "unknown error" }
        // A code of the system's is an `errno` beside a flag (ERR_SYSTEM_FLAG).
        guard code & 0x8000_0000 == 0 else { return String(cString: strerror(Int32(code & 0x7FFF_FFFF))) }
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
    }
}

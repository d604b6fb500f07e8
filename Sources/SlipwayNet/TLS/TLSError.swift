/// A certificate, key or root file that cannot be used: what is wrong, with which file, and what to do.
package enum TLSError: Error, Sendable, Equatable {
    case setup(reason: String)
    case noCertificate
    case unusableCertificate(file: String, reason: String)
    case unusableKey(file: String, reason: String)
    case encryptedKey(file: String)
    /// OpenSSL's security level forbids it.
    case tooWeak(file: String, reason: String)
    case foreignKey(certificate: String, key: String)
    /// - position: in the file, from 1; that certificate was not issued by the one after it.
    case disordered(file: String, position: Int)
    /// - since, until: a day in UTC, `2026-11-24`.
    case expired(file: String, position: Int, since: String)
    case notYetValid(file: String, position: Int, until: String)
    case unusableRoots(file: String, reason: String)
}

extension TLSError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .setup(let reason): "TLS cannot be set up: \(reason)"
        case .noCertificate: "TLS needs a certificate: name its file and its key's"
        case .unusableCertificate(let file, let reason):
            "the certificate in \(file) cannot be used: \(reason); the file must be PEM, the server's own certificate "
                + "first, then those that issued it"
        case .unusableKey(let file, let reason):
            "the key in \(file) cannot be used: \(reason); the file must hold one private key as PEM"
        case .encryptedKey(let file):
            "the key in \(file) needs a passphrase, which nobody can type here: take it off by "
                + "`openssl pkey -in \(file) -out NEW`"
        case .tooWeak(let file, let reason):
            "the certificate in \(file) is too weak: \(reason); make one with at least RSA 2048 or P-256, and SHA-256"
        case .foreignKey(let certificate, let key):
            "the key in \(key) does not belong to the first certificate in \(certificate): put the server's own "
                + "certificate first, or name its key"
        case .disordered(let file, let position):
            "the certificates in \(file) are out of order: number \(position) was not issued by number "
                + "\(position + 1); put the server's own first and after each the one that issued it"
        case .expired(let file, let position, let since):
            "\(Self.ordinal(position)) in \(file) expired on \(since): renew it"
        case .notYetValid(let file, let position, let until):
            "\(Self.ordinal(position)) in \(file) is not valid before \(until): check this machine's clock, or wait"
        case .unusableRoots(let file, let reason):
            "the roots in \(file) cannot be read: \(reason); the file must hold certificates as PEM"
        }
    }

    private static func ordinal(_ position: Int) -> String {
        position == 1 ? "the certificate" : "certificate number \(position)"
    }
}

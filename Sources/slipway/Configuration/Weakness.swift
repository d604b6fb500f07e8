import SlipwayBase

/// Why a secret that strangers may try to guess, or that people send by hand, is none to rely on.
enum Weakness: Equatable {
    /// The name of a variable as a shell writes it, which nothing here expands.
    case unexpanded(name: String?)
    case blankEnds
    case short(bytes: Int)

    /// - Parameters:
    ///   - literal: how the file has the value. What came out of a variable is taken as it is.
    ///   - isKey: strangers come in by it. Others are somebody else's to judge, but for what is none of their values.
    init?(of secret: Secret, writtenAs literal: String, isKey: Bool) {
        let text = secret.revealed
        if let match = literal.wholeMatch(of: /\s*(["']?)(?:\$([A-Za-z_][A-Za-z0-9_]*)|\$\(.*\)|`.*`)\1\s*/) {
            self = .unexpanded(name: match.output.2.map(String.init))
        } else if !isKey {
            return nil
        } else if let first = text.unicodeScalars.first, let last = text.unicodeScalars.last,
            first.isBlank || last.isBlank
        {
            self = .blankEnds
        } else if !secret.isLong {
            self = .short(bytes: text.utf8.count)
        } else {
            return nil
        }
    }

    /// Nothing of the secret but the name of a variable stands in it.
    var sentence: String {
        switch self {
        case .unexpanded(let name?):
            "is the name of a variable as a shell writes it, which is taken as it stands: write `${\(name)}` for what "
                + "\(name) holds; a `$` that is meant is written `$$`"
        case .unexpanded(nil):
            "is a command as a shell writes it, which is taken as it stands: write `${NAME}`, and set NAME, or NAME_FILE"
        case .blankEnds:
            "begins or ends with white space, which gets lost on the way; remove it from the value, or from the file or "
                + "variable that holds it"
        case .short(let bytes):
            "has \(bytes) bytes, and can be guessed: it needs \(Secret.fewestBytes) at least; make one by `openssl rand "
                + "-hex 32`"
        }
    }
}

/// What becomes of weak secrets. They were taken once, so that a server which has them keeps running, for one release.
enum WeakSecrets: Sendable {
    case refused
    /// Where the data folder has no database yet.
    case refusedAtFirstStart
    case warnedOf
}

extension Unicode.Scalar {
    /// White space, and what editors put at the beginning of a file and nobody sees.
    fileprivate var isBlank: Bool { properties.isWhitespace || ["\u{FEFF}", "\u{200B}", "\u{2060}"].contains(self) }
}

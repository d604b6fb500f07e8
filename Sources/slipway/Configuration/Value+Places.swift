import Foundation
import SlipwayBase
import SlipwayNet

/// Addresses, URLs and paths.
extension Value {
    /// `127.0.0.1:8080`, `[::]:8443`.
    func listenAddress() -> (host: String, port: Int)? {
        guard let text = text() else { return nil }
        let form = "must be an address and a port such as 127.0.0.1:8080 or \"[::]:8443\""
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[colon...].dropFirst()),
            (0...65_535).contains(port), text[colon...].dropFirst().utf8.allSatisfy(\.isDigit)
        else {
            report("\(form), not `\(text.singleLine(limit: 80))`")
            return nil
        }
        var host = String(text[..<colon])
        if host == "localhost" { host = "127.0.0.1" }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":"), IPAddress(host) != nil else {
                report("\(form): `\(host.singleLine(limit: 80))` is not an IPv6 address")
                return nil
            }
        } else if host.contains(":") || IPAddress(host) == nil {
            let hint = host.isEmpty || host == "*" ? "; every interface is 0.0.0.0 or [::]" : ""
            report("\(form): `\(host.singleLine(limit: 80))` is not an IP address\(hint)")
            return nil
        }
        return (host, port)
    }

    /// An address or a range such as `10.0.0.0/8`.
    func addressRange() -> String? {
        text("an IP address or a range such as 10.0.0.0/8") { AddressRange($0) != nil }
    }

    /// Without a trailing slash.
    /// - Parameter needsTLS: `http` is taken only from a loopback host.
    func webURL(needsTLS: Bool) -> String? {
        guard let text = text() else { return nil }
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(),
            let host = url.host, !host.isEmpty, scheme == "http" || scheme == "https"
        else {
            report("must be a URL such as https://example.com")
            return nil
        }
        guard url.user == nil, url.password == nil, url.query == nil, url.fragment == nil,
            url.path.isEmpty || url.path == "/"
        else {
            report("must be a scheme and a host, with nothing behind the host and its port")
            return nil
        }
        guard !needsTLS || scheme == "https" || Loopback.holds(host: host) else {
            report("must be https; plain http is for loopback addresses only")
            return nil
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// A registry's `host` or `host:port`; a port on a host that is not loopback is spoken to by TLS all the same.
    func registry(such example: String) -> String? {
        text("a host or host:port without a scheme or a path, such as \(example)") { text in
            guard !text.contains("/"), !text.contains("@"), let url = URLComponents(string: "https://" + text) else {
                return false
            }
            return url.host?.isEmpty == false && url.path.isEmpty && url.query == nil && url.fragment == nil
        }
    }

    /// A path on this machine; a relative one begins at the configuration file's folder.
    func machinePath() -> String? {
        guard let text = text("a path", where: { !$0.isEmpty }) else { return nil }
        return URL(fileURLWithPath: text, relativeTo: URL(fileURLWithPath: reading.folder, isDirectory: true))
            .standardizedFileURL.path
    }

    /// A path that stays beneath the work tree. What a link in the repository does with it is seen when it is used.
    func workTreePath() -> String? {
        text("a relative path beneath the work tree") { text in
            guard !text.isEmpty, !text.hasPrefix("/"), !text.hasPrefix("-") else { return false }
            return !text.split(separator: "/").contains("..")
                && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        }
    }

    /// What git clones from: `https://`, `ssh://`, `file:///` or `git@host:path`.
    func cloneURL() -> String? {
        guard let text = text() else { return nil }
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }), !text.hasPrefix("-") else {
            report("holds a space or a control character, or begins with `-`")
            return nil
        }
        if text.hasPrefix("https://") || text.hasPrefix("ssh://") {
            guard let url = URLComponents(string: text), url.host?.isEmpty == false, url.host?.hasPrefix("-") == false,
                url.user?.hasPrefix("-") != true
            else {
                report("is not a URL that git can clone from")
                return nil
            }
            // git gets a login from the environment; nobody gets it from a log.
            if let login = url.password ?? (url.scheme == "https" ? url.user : nil) { hide(login) }
            return text
        }
        if text.hasPrefix("file:///") { return text }
        let isShort = text.wholeMatch(of: /[A-Za-z0-9_.][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^-:\/].*/) != nil
        guard isShort else {
            let hint = text.hasPrefix("/") ? "; a folder of this machine is file://\(text)" : ""
            report("must begin with https://, ssh:// or file:///, or be git@host:path\(hint)")
            return nil
        }
        return text
    }
}

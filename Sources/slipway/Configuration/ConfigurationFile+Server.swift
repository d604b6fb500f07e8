import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet

extension Section {
    var serverSettings: ServerSettings {
        let listen = self["listen"]?.listenAddress()
        let publicURL = self["public_url"]?.webURL(needsTLS: false)
        let certificates = self["tls"]?.certificates()
        let data = required("data")?.machinePath()
        var settings = ServerSettings(host: listen?.host ?? "127.0.0.1", port: listen?.port ?? 8080, data: data ?? "")
        settings.publicURL = publicURL
        settings.certificates = certificates ?? []
        settings.jobs = self["jobs"]?.integer(in: 1...64) ?? settings.jobs
        settings.drain = self["drain"]?.duration(atLeast: .zero) ?? settings.drain
        settings.webhookSecrets = self["webhook_secrets"]?.webhookSecrets() ?? []
        settings.tokens = self["tokens"]?.accessTokens() ?? []
        settings.publicStatus = self["public_status"]?.boolean() ?? false
        settings.trustedProxies = trustedProxies(settings)
        settings.limits = self["limits"]?.section(\.serverLimits) ?? [:]
        settings.retention = self["retention"]?.section(\.retention) ?? settings.retention
        settings.checkout = self["checkout"]?.section(\.checkout) ?? settings.checkout
        return settings
    }

    private var checkout: ServerSettings.Checkout {
        var checkout = ServerSettings.Checkout()
        checkout.bytes = self["bytes"]?.integer(in: 1...Int.max).map(Int64.init) ?? checkout.bytes
        checkout.files = self["files"]?.integer(in: 1...Int(Int32.max)) ?? checkout.files
        return checkout
    }

    private func trustedProxies(_ settings: ServerSettings) -> [String] {
        let value = self["trusted_proxies"]
        let ranges = value?.list { $0.addressRange() } ?? []
        if value?.isEmptyList != false, let signs = settings.signsOfProxy {
            warn(
                of: "trusted_proxies",
                "is empty, and a proxy must be in front, because \(signs): all clients behind it count as one; name the "
                    + "proxy's address, as in trusted_proxies: [127.0.0.1]")
        }
        if let everyone = ranges.first(where: { $0.hasSuffix("/0") }) {
            value?.warn("\(everyone) is everybody, who can then claim any address; name the proxies alone")
        }
        return ranges
    }

    private var retention: ServerSettings.Retention {
        var retention = ServerSettings.Retention()
        retention.jobs = self["jobs"]?.integer(in: 1...1_000_000) ?? retention.jobs
        retention.logs = self["logs"]?.duration() ?? retention.logs
        // A delivery that comes once more must be known.
        retention.deliveries = self["deliveries"]?.duration(atLeast: .seconds(7 * 86_400)) ?? retention.deliveries
        retention.diskReserveBytes =
            self["disk_reserve_bytes"]?.integer(in: 0...Int.max).map(Int64.init) ?? retention.diskReserveBytes
        return retention
    }

    /// The HTTP server knows its limits' names.
    private var serverLimits: [String: Int] {
        var limits: [String: Int] = [:]
        for name in HTTPLimits.names { limits[name] = self[name]?.integer(in: 1...Int(Int32.max)) }
        return limits
    }

    var gitHubSettings: GitHubSettings {
        var settings = GitHubSettings(token: self["token"]?.secret())
        settings.apiURL = self["api_url"]?.webURL(needsTLS: true) ?? settings.apiURL
        return settings
    }
}

extension ServerSettings {
    /// Why a proxy must be there, if one must.
    fileprivate var signsOfProxy: String? {
        guard let publicURL, let host = URLComponents(string: publicURL)?.host, !Loopback.holds(host: host) else {
            return nil
        }
        if Loopback.holds(host: self.host) { return "server.listen is of this machine only and public_url is not" }
        let endsTLS = publicURL.hasPrefix("https://") && certificates.isEmpty
        return endsTLS ? "public_url is https and there is no server.tls" : nil
    }
}

extension Value {
    /// A wrong one stays in the list as an empty one: it is reported as itself, not as missing too.
    func webhookSecrets() -> [Secret]? { list { $0.secret(isKey: true) ?? Secret("") } }

    /// One pair of files, or a list of them, the first for clients that name no host.
    fileprivate func certificates() -> [ServerSettings.CertificateFiles]? {
        guard isList else { return section(\.certificate).flatMap { $0 }.map { [$0] } }
        return list { $0.section(\.certificate).flatMap { $0 } }
    }

    fileprivate func accessTokens() -> [AccessToken]? {
        var names: Set<String> = []
        return list { value in
            value.section { section -> AccessToken? in
                let name = section.required("name")?.text("a name of small letters, digits, - and _", where: \.isName)
                let token = section.required("value")?.secret(isKey: true)
                let may = section.required("may")
                let permissions = may?.list { $0.word(AccessToken.Permission.self) }
                if may?.isEmptyList == true { may?.report("must name at least one of read and deploy") }
                if let name, !names.insert(name).inserted { section.report("a token named `\(name)` stands above") }
                guard let name, let token, let permissions else { return nil }
                return AccessToken(name: name, value: token, permissions: Set(permissions))
            }.flatMap { $0 }
        }
    }
}

extension Section {
    fileprivate var certificate: ServerSettings.CertificateFiles? {
        let certificate = required("certificate")?.machinePath()
        let key = required("key")?.machinePath()
        guard let certificate, let key else { return nil }
        return ServerSettings.CertificateFiles(certificate: certificate, key: key)
    }
}

extension String {
    /// Of an app, a target or a token: `[a-z0-9][a-z0-9_-]{0,62}`.
    var isName: Bool { wholeMatch(of: /[a-z0-9][a-z0-9_-]{0,62}/) != nil }
}

package import SlipwayBase

/// A login that builds and tests pull images with, shown to this registry only.
package struct RegistryLogin: Sendable {
    /// Host, or host:port, in small letters; Docker Hub's is `docker.io`, however the file spells it.
    package let host: String
    package var user: String
    package var password: Secret

    package init(host: String, user: String, password: Secret) {
        self.host = Self.canonical(host)
        self.user = user
        self.password = password
    }

    package static let dockerHub = "docker.io"

    /// One spelling for a registry, whatever image names and configurations call it.
    package static func canonical(_ host: String) -> String {
        var name = host.lowercased()
        if let scheme = name.firstRange(of: "://") { name = String(name[scheme.upperBound...]) }
        name = String(name.prefix { $0 != "/" })
        if name.hasSuffix(":443") { name = String(name.dropLast(4)) }
        if name.hasSuffix(".") { name = String(name.dropLast()) }
        return ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(name) ? dockerHub : name
    }
}

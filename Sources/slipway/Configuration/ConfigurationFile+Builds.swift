import SlipwayBase
import SlipwayCore

/// What holds for the builds of all apps.
extension Section {
    var buildSettings: BuildSettings {
        var settings = BuildSettings()
        if let images = self["frontends"]?.list(of: { $0.frontend() }) {
            settings.frontends = Frontends(images: images)
        }
        settings.cgroupParent = self["cgroup_parent"]?.text(
            "a slice such as slipway-builds.slice, or a path such as /slipway-builds"
        ) {
            $0.wholeMatch(of: /[A-Za-z0-9_.-]+\.slice|(\/[A-Za-z0-9_.-]+)+/) != nil && !$0.contains("..")
        }
        return settings
    }

    fileprivate func registryLogin(besides closed: [PlatformRegistry]) -> RegistryLogin? {
        let host = required("host")
        let name = host?.registryOfImages()
        let user = required("user")?.text("a name without `:` and control characters") { user in
            !user.isEmpty && user.unicodeScalars.allSatisfy { $0 != ":" && $0.value >= 0x20 && $0.value != 0x7F }
        }
        let password = required("password")?.secret()
        guard let host, let name, let user, let password else { return nil }
        let login = RegistryLogin(host: name, user: user, password: password)
        if let registry = closed.first(where: { $0.host == login.host }) {
            host.report(
                "is \(registry.owner)'s registry, which builds get no login for: whoever pushes could read every app's "
                    + "image by it; pushes use \(registry.key)")
            return nil
        }
        return login
    }
}

extension Value {
    func registryLogins(besides closed: [PlatformRegistry]) -> [RegistryLogin]? {
        var hosts: Set<String> = []
        return list { value in
            guard let login = value.section({ $0.registryLogin(besides: closed) }) ?? nil else { return nil }
            if !hosts.insert(login.host).inserted { value.report("a login for \(login.host) stands above") }
            return login
        }
    }

    /// A registry's host, or Docker Hub's address as `docker login` writes it down.
    fileprivate func registryOfImages() -> String? {
        let hub = ["https://index.docker.io/v1/", "https://index.docker.io/v1"]
        return literal().map(hub.contains) == true ? RegistryLogin.dockerHub : registry(such: "ghcr.io")
    }

    fileprivate func frontend() -> String? {
        text("the name of a frontend's image such as docker/dockerfile or docker/dockerfile:1") {
            Frontends(images: [$0]).allows($0)
        }
    }
}

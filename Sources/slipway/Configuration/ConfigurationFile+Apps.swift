import SlipwayBase
import SlipwayCore

/// An app with its place in the file, for checks that compare apps with each other.
struct PlacedApp {
    var app: App
    var value: Value
    var targets: [PlacedTarget]
}

extension Section {
    var apps: [PlacedApp] {
        if entries.isEmpty { report("names no app") }
        return entries.compactMap { name, value in
            if !name.isName { value.report("app names are small letters, digits, - and _, at most 63") }
            return value.section { $0.app(named: name, value) }
        }
    }

    private func app(named name: String, _ value: Value) -> PlacedApp {
        let repository = required("repository")?.repositoryAddress()
        let cloneURL = self["clone_url"]?.cloneURL()
        var app = App(
            name: name, repository: repository?.fullName ?? "", cloneURL: cloneURL ?? repository?.cloneURL ?? "")
        app.webhookSecrets = self["webhook_secrets"]?.webhookSecrets() ?? []
        app.test = self["test"]?.section(\.testRecipe)
        app.build = self["build"]?.section(\.buildRecipe) ?? BuildRecipe()
        let targets = self["targets"]?.section { $0.targets } ?? []
        if targets.isEmpty, app.test == nil { report("needs targets, a test, or both") }
        app.targets = targets.map(\.target)
        return PlacedApp(app: app, value: value, targets: targets)
    }

    private var testRecipe: TestRecipe {
        let image = required("image")?.image()
        refuse("services")
        let environment = self["env"]?.section(\.environment)
        refuse("caches")
        let run = required("run")?.literal()
        refuse("artifacts")
        var recipe = TestRecipe(image: image ?? "", run: run ?? "")
        recipe.environment = environment ?? []
        recipe.timeout = self["timeout"]?.duration() ?? recipe.timeout
        recipe.limits = self["limits"]?.section(\.testLimits) ?? recipe.limits
        return recipe
    }

    private var testLimits: TestLimits {
        var limits = TestLimits()
        limits.memoryBytes = self["memory"]?.memorySize() ?? limits.memoryBytes
        limits.processes = self["processes"]?.integer(in: 16...1_000_000) ?? limits.processes
        limits.cpus = self["cpus"]?.processors() ?? limits.cpus
        return limits
    }

    private var buildRecipe: BuildRecipe {
        var recipe = BuildRecipe()
        recipe.dockerfile = self["dockerfile"]?.workTreePath() ?? recipe.dockerfile
        recipe.context = self["context"]?.workTreePath() ?? recipe.context
        recipe.arguments = self["args"]?.section(\.buildArguments) ?? []
        recipe.stage = self["stage"].flatMap { value in
            value.isEmptyText
                ? nil
                : value.text("the name of a build stage") {
                    $0.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.-]*/) != nil
                }
        }
        recipe.secrets = self["secrets"]?.section(\.buildSecrets) ?? []
        recipe.ssh = self["ssh"]?.sshAccess() ?? []
        recipe.timeout = self["timeout"]?.duration() ?? recipe.timeout
        for key in ["frontends", "cgroup_parent"] {
            self[key]?.report(
                "belongs to all builds: set `\(key)` under `build` at the file's top level, beside `server`")
        }
        return recipe
    }

    private var buildSecrets: [(name: String, value: Secret)] {
        entries.compactMap { name, value in
            if !name.isBuildID { value.report("names of build secrets are letters, digits, `_`, `.` and `-`") }
            return value.secret().map { (name, $0) }
        }
    }

    fileprivate var sshKeys: [SSHAccess] {
        entries.compactMap { id, value in
            if !id.isBuildID { value.report("names of ssh accesses are letters, digits, `_`, `.` and `-`") }
            return value.machinePath().map { SSHAccess(id: id, path: $0) }
        }
    }

    private var environment: [(name: String, value: String)] {
        entries.compactMap { name, value in
            value.checkVariableName(name)
            return value.textWithSecrets().map { (name, $0) }
        }
    }

    private var buildArguments: [(name: String, value: String)] {
        entries.compactMap { name, value in
            value.checkVariableName(name)
            guard let literal = value.literal() else { return nil }
            let expansion = Expansion(literal, environment: Environment([:]))
            guard !expansion.hasVariables else {
                value.report("build args stay readable in the image's history; `${…}` does not belong here")
                return nil
            }
            return (name, expansion.text)
        }
    }
}

extension Value {
    fileprivate func repositoryAddress() -> RepositoryAddress? {
        guard let text = text() else { return nil }
        // Not shown: whatever stands before the @ of such an address may be a token.
        if text.contains(/:\/\/[^\/]*@/.ignoresCase()), !text.contains(/^(git\+)?ssh:\/\/[^\/:@]*@/.ignoresCase()) {
            report("holds a login; name the repository without it, and set github.token, or clone_url for another host")
            return nil
        }
        let address = RepositoryAddress(text)
        if address == nil {
            report(
                "must be owner/name, or the repository's address such as https://github.com/owner/name, not "
                    + quoted(text))
        }
        return address
    }

    /// `[default]`: the agent's; `{default: /path}`: a key's file or an agent's socket.
    fileprivate func sshAccess() -> [SSHAccess]? {
        guard isList else { return section(\.sshKeys) }
        return list { $0.text("a name such as default", where: \.isBuildID).map { SSHAccess(id: $0) } }
    }

    /// `512m`, `4g`: what Docker writes so, by factors of 1024.
    fileprivate func memorySize() -> Int64? {
        let least = Int64(64) << 20
        return text("a size of at least 64m, such as 512m or 4g") { (Self.bytes($0) ?? 0) >= least }
            .flatMap(Self.bytes)
    }

    private static func bytes(_ text: String) -> Int64? {
        guard let match = text.wholeMatch(of: /([1-9][0-9]{0,8})([mMgG])/)?.output, let number = Int64(match.1) else {
            return nil
        }
        return number << (match.2.lowercased() == "m" ? 20 : 30)
    }

    fileprivate func processors() -> Double? {
        text("a number of processors such as 2 or 1.5") {
            $0.wholeMatch(of: /[0-9]{1,4}(\.[0-9]{1,2})?/) != nil && Double($0) ?? 0 >= 0.1
        }.flatMap(Double.init)
    }

    fileprivate func checkVariableName(_ name: String) {
        if !name.isEnvironmentName { report("names of variables are letters, digits and _") }
    }

    /// `name`, `host:port/name:tag` or `name@sha256:…`; never what a command line would take for an option.
    fileprivate func image() -> String? {
        text("the name of a Docker image such as elixir:1.9.4") {
            $0.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.\/:@-]*/) != nil
        }
    }
}

extension String {
    /// What BuildKit's `id=` takes without quotes.
    fileprivate var isBuildID: Bool { wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}/) != nil }
}

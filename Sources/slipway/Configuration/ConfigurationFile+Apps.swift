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
        let repository = required("repository")?.text(
            "owner/name, or the repository's address such as https://github.com/owner/name"
        ) { RepositoryAddress($0) != nil }.flatMap(RepositoryAddress.init)
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
        return recipe
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
        recipe.timeout = self["timeout"]?.duration() ?? recipe.timeout
        return recipe
    }

    private var environment: [(name: String, value: String)] {
        entries.compactMap { name, value in
            value.checkVariableName(name)
            return value.text().map { (name, $0) }
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

import SlipwayBase
import SlipwayCore

/// A target with its place in the file.
struct PlacedTarget {
    var target: Target
    var value: Value

    /// `apps.my_app.targets.homolog`.
    var name: String { value.path }
}

extension Section {
    var targets: [PlacedTarget] {
        let targets = entries.compactMap { name, value in
            if !name.isName { value.report("target names are small letters, digits, - and _, at most 63") }
            return value.section { PlacedTarget(target: $0.target(named: name), value: value) }
        }
        checkPromotions(targets)
        return targets
    }

    private func target(named name: String) -> Target {
        // A placeholder of its own, so that two broken names are not reported as one place as well.
        var target = Target(name: name, place: place ?? Place(platform: "", name: path))
        target.when = self["when"]?.section(\.condition) ?? DeployCondition()
        target.processes = self["processes"]?.processTypes() ?? target.processes
        target.migrate = self["migrate"]?.section(\.migration).flatMap { $0 }
        target.health = self["health"]?.section(\.healthCheck) ?? HealthCheck()
        target.promote = self["promote"]?.text("the name of a sibling target", where: \.isName)
        return target
    }

    private var condition: DeployCondition {
        let branches = self["push"]?.patterns(of: .branch)
        let tags = self["tag"]?.patterns(of: .tag)
        let release = self["release"]?.releaseWord()
        let prereleases = self["prereleases"]
        if let prereleases, release != .published {
            prereleases.report("belongs to release: published; GitHub sends no other of these words for a pre-release")
        }
        return DeployCondition(
            branches: branches ?? [], tags: tags ?? [], release: release?.rawValue,
            prereleases: prereleases?.boolean() ?? false)
    }

    private var migration: Migration? {
        let way = self["run"]?.word(MigrationWay.self) ?? .releasePhase
        let command = way == .off ? self["command"] : required("command")
        let type = self["type"], size = self["size"]
        let timeout = self["timeout"]?.duration()
        let repeatable = self["repeatable"]?.boolean()
        let shell = command?.literal()
        if shell?.allSatisfy(\.isWhitespace) == true { command?.report("the command is empty") }
        if way == .releasePhase {
            for value in [type, size] { value?.report("belongs to run: one-off; a release phase has none of its own") }
        }
        let oneOff = Migration.Way.oneOff(
            type: type?.text("a process type", where: \.isProcessType),
            size: size?.text("a size such as standard-1x") {
                $0.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*/) != nil
            })
        guard way != .off, let shell else { return nil }
        var migration = Migration(
            command: shell, run: way == .oneOff ? oneOff : .releasePhase, repeatable: repeatable)
        migration.timeout = timeout ?? migration.timeout
        return migration
    }

    private enum MigrationWay: String, CaseIterable {
        case releasePhase = "release-phase"
        case oneOff = "one-off"
        case off
    }

    private var healthCheck: HealthCheck {
        var check = HealthCheck()
        check.path =
            self["path"]?.text("a path that begins with one /") { path in
                path.hasPrefix("/") && !path.hasPrefix("//")
                    && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }
            } ?? check.path
        check.status = self["status"]?.integer(in: 100...599) ?? check.status
        check.within = self["within"]?.duration() ?? check.within
        return check
    }

    private func checkPromotions(_ targets: [PlacedTarget]) {
        for placed in targets {
            guard let source = placed.target.promote else { continue }
            guard targets.contains(where: { $0.target.name == source }) else {
                let near = source.nearest(of: targets.map(\.target.name).filter { $0 != placed.target.name })
                let hint = near.map { "; did you mean `\($0)`?" } ?? ""
                placed.value.report("promotes `\(source)`, which is not a target of this app\(hint)")
                continue
            }
            var path = [placed.target.name]
            var next: String? = source
            while let name = next, !path.contains(name) {
                path.append(name)
                next = targets.first { $0.target.name == name }?.target.promote
            }
            if next == placed.target.name {
                placed.value.report(
                    "promotes in a circle: \((path + [placed.target.name]).joined(separator: " from "))")
            }
        }
    }
}

/// GitHub's words for what was done to a release, of those that deploy.
private enum ReleaseWord: String, CaseIterable {
    /// It was published. Of a pre-release that becomes a release later this is never said again.
    case published
    /// It was published, or a pre-release has become one.
    case released
}

extension Value {
    fileprivate func releaseWord() -> ReleaseWord? {
        guard !isText("prereleased") else {
            report("must be published, with prereleases: true beside it for pre-releases, not `prereleased`")
            return nil
        }
        return word(ReleaseWord.self)
    }

    fileprivate func processTypes() -> [String]? {
        guard let types = list(of: { $0.text("a process type such as web", where: \.isProcessType) }) else {
            return nil
        }
        if isEmptyList { report("must name at least one process type") }
        if types.contains("release") {
            report("`release` is the migration's own process type; configure migrate instead")
        }
        if Set(types).count < types.count { report("names a process type twice") }
        return types
    }
}

extension String {
    /// The platforms' own rule, without a leading dash.
    fileprivate var isProcessType: Bool { wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_-]{0,127}/) != nil }
}

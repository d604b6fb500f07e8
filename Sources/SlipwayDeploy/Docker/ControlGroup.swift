import Foundation

/// The limits of a control group on this machine, as the kernel has them (cgroups(7)).
package struct ControlGroup {
    /// nil: no limit.
    package struct Limits: Hashable {
        package var memoryBytes: Int64?
        package var processes: Int?
        package var processors: Double?

        package init(memoryBytes: Int64? = nil, processes: Int? = nil, processors: Double? = nil) {
            self.memoryBytes = memoryBytes
            self.processes = processes
            self.processors = processors
        }
    }

    /// Beneath a hierarchy's root, without a leading slash.
    let path: String
    private let root: String

    /// - Parameters:
    ///   - parent: as `build.cgroup_parent` has it.
    ///   - root: where the hierarchies are mounted.
    package init(parent: String, root: String = "/sys/fs/cgroup") {
        path = parent.hasPrefix("/") ? String(parent.drop { $0 == "/" }) : Self.path(ofSlice: parent)
        self.root = root
    }

    /// systemd.slice(5): `a-b.slice` is within `a.slice`.
    private static func path(ofSlice slice: String) -> String {
        let parts = slice.dropLast(".slice".count).split(separator: "-")
        return (1...max(1, parts.count)).map { parts.prefix($0).joined(separator: "-") + ".slice" }.joined(
            separator: "/")
    }

    package var exists: Bool { folder("memory") != nil }

    /// Whether the engine's BuildKit has run a build in it.
    package var hasSeenBuildKit: Bool {
        folder("memory").map { FileManager.default.fileExists(atPath: $0 + "/buildkit") } ?? false
    }

    /// The tightest of the group and of those that it is in.
    package var limits: Limits {
        var limits = Limits()
        for path in ancestors {
            let group = ControlGroup(path: path, root: root).own
            limits.memoryBytes = [limits.memoryBytes, group.memoryBytes].compactMap(\.self).min()
            limits.processes = [limits.processes, group.processes].compactMap(\.self).min()
            limits.processors = [limits.processors, group.processors].compactMap(\.self).min()
        }
        return limits
    }

    private init(path: String, root: String) {
        self.path = path
        self.root = root
    }

    private var ancestors: [String] {
        let parts = path.split(separator: "/")
        return parts.indices.map { parts[...$0].joined(separator: "/") }
    }

    private var own: Limits {
        var limits = Limits()
        let memory = number("memory", "memory.max") ?? number("memory", "memory.limit_in_bytes")
        // Version 1 has no word for no limit, only a number that no machine reaches.
        limits.memoryBytes = memory.flatMap { $0 < 1 << 60 ? $0 : nil }
        limits.processes = number("pids", "pids.max").map(Int.init)
        if let words = text("cpu", "cpu.max")?.split(separator: " "), words.count == 2 {
            limits.processors = Double(words[0]).flatMap { quota in Double(words[1]).map { quota / $0 } }
        } else if let quota = number("cpu", "cpu.cfs_quota_us"), quota > 0,
            let period = number("cpu", "cpu.cfs_period_us"), period > 0
        {
            limits.processors = Double(quota) / Double(period)
        }
        return limits
    }

    private func number(_ controller: String, _ file: String) -> Int64? { text(controller, file).flatMap { Int64($0) } }

    private func text(_ controller: String, _ file: String) -> String? {
        guard let folder = folder(controller), let bytes = FileManager.default.contents(atPath: "\(folder)/\(file)")
        else { return nil }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// Version 2 has one hierarchy, version 1 one for each controller.
    private func folder(_ controller: String) -> String? {
        let names = controller == "cpu" ? ["", "/cpu", "/cpu,cpuacct"] : ["", "/" + controller]
        let isUnified = access(root + "/cgroup.controllers", F_OK) == 0
        let places = (isUnified ? [names[0]] : Array(names.dropFirst())).map { "\(root)\($0)/\(path)" }
        return places.first { access($0, F_OK) == 0 }
    }
}

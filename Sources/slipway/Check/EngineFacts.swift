import SlipwayCore

/// What an engine says of itself.
struct EngineFacts: Hashable {
    var platform: String
    var version: String
    /// `systemd` or `cgroupfs`.
    var driver: String
    var processors: Int
    var memoryBytes: Int64

    /// - Parameter text: as `DockerCommands.engine` prints it: `linux/x86_64 20.10.24+dfsg1 cgroupfs 2 25276510208`.
    init?(_ text: String) {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count == 5, let processors = Int(words[3]), let memory = Int64(words[4]) else { return nil }
        // `docker info` has the kernel's name of the processor, `docker version` and images Go's.
        platform = words[0].replacing("x86_64", with: "amd64").replacing("aarch64", with: "arm64")
        version = words[1]
        driver = words[2]
        self.processors = processors
        memoryBytes = memory
    }

    private var numbers: [Int] {
        version.prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap { Int($0) }
    }

    private func isBefore(_ fixed: [Int]) -> Bool { numbers.lexicographicallyPrecedes(fixed) }

    /// Seen with 20.10: docs/builds.md.
    var takesParentFromDefaultOnly: Bool { isBefore([23]) }

    /// CVE-2024-23651, -23652 and -23653, by which a Dockerfile or a frontend reaches the engine's machine.
    var breakouts: Finding? {
        guard let major = numbers.first else { return nil }
        let fixed = [23: [23, 0, 8], 24: [24, 0, 9], 25: [25, 0, 2]][major] ?? [23]
        guard isBefore(fixed) else { return nil }
        return .warning(
            "docker: engine \(version) may have CVE-2024-23651, CVE-2024-23652 and CVE-2024-23653, by which a build can "
                + "reach this machine: update to 23.0.8, 24.0.9, 25.0.2 or newer (BuildKit 0.12.5); distributions mend "
                + "older versions too, and their changelog says so")
    }
}

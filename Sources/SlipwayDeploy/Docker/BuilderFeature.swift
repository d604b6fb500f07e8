/// What builders differ in, from engine to engine and from CLI to CLI. Whether one has it is found by a small build.
enum BuilderFeature: String, Sendable, CaseIterable {
    case heredoc
    case mount
    case runNetwork
    case chmod
    case link
    case checksum
    case parents
    case exclude
    /// `NAME.dockerignore` beside a Dockerfile `NAME`, instead of the context's `.dockerignore`.
    case ownIgnoreFile

    /// As its user would call it.
    var words: String {
        switch self {
        case .heredoc: "heredocs (`<<EOF`)"
        case .mount: "`RUN --mount`"
        case .runNetwork: "`RUN --network`"
        case .chmod: "`COPY --chmod`"
        case .link: "`COPY --link`"
        case .checksum: "`ADD --checksum`"
        case .parents: "`COPY --parents`"
        case .exclude: "`COPY --exclude`"
        case .ownIgnoreFile: "a Dockerfile's own ignore file"
        }
    }

    /// The features that a Dockerfile's instructions use.
    static func used(in instructions: [DockerfileText.Instruction]) -> Set<BuilderFeature> {
        var used: Set<BuilderFeature> = []
        for instruction in instructions {
            if instruction.hasHeredoc { used.insert(.heredoc) }
            for flag in instruction.flags {
                switch (instruction.name, flag) {
                case ("RUN", "mount"): used.insert(.mount)
                case ("RUN", "network"): used.insert(.runNetwork)
                case ("COPY", "chmod"), ("ADD", "chmod"): used.insert(.chmod)
                case ("COPY", "link"), ("ADD", "link"): used.insert(.link)
                case ("ADD", "checksum"): used.insert(.checksum)
                case ("COPY", "parents"): used.insert(.parents)
                case ("COPY", "exclude"), ("ADD", "exclude"): used.insert(.exclude)
                default: break
                }
            }
        }
        return used
    }

    // MARK: The small build that only a builder with this feature gets to its end

    static let probeFiles = [("kept", "kept\n"), (".dockerignore", "kept\n"), ("probe.dockerignore", "nothing\n")]

    /// With the ignore file beside it, `kept` is there; by the context's own it is not.
    var probe: String {
        switch self {
        case .ownIgnoreFile: "FROM scratch\nCOPY kept /\n"
        case .heredoc: "FROM scratch\nCOPY <<EOF /kept\nkept\nEOF\n"
        case .mount: Self.unused("RUN --mount=type=cache,target=/kept [\"/kept\"]")
        case .runNetwork: Self.unused("RUN --network=none [\"/kept\"]")
        case .chmod: Self.unused("COPY --chmod=644 probe.dockerignore /kept")
        case .link: Self.unused("COPY --link probe.dockerignore /kept")
        case .checksum:
            Self.unused("ADD --checksum=sha256:\(String(repeating: "0", count: 64)) http://127.0.0.1/kept /kept")
        case .parents: Self.unused("COPY --parents probe.dockerignore /kept")
        case .exclude: Self.unused("COPY --exclude=kept probe.dockerignore /kept")
        }
    }

    /// What every builder can build: where even that fails, nothing has been learned.
    static let baseProbe = unused("COPY probe.dockerignore /kept")

    /// A stage that is read, and by BuildKit not built; the first builder stops at what it does not know.
    private static func unused(_ instruction: String) -> String {
        "FROM scratch AS unused\n\(instruction)\nFROM scratch\nCOPY probe.dockerignore /\n"
    }
}

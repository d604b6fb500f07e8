import SlipwayBase

/// An app with all that belongs to it.
struct SandboxApp: Sendable {
    let id = makeIdentifier()
    var name: String
    /// What it runs on; a release makes it follow `buildStack`.
    var stack: String
    var buildStack: String
    var maintenance = false
    var configVars: [String: String]
    var formation: [String: FormationType] = [:]
    /// Oldest first.
    var releases: [SandboxRelease] = []
    /// The release that dynos run; 0: none yet.
    var currentVersion = 0
    /// A release phase runs, and later releases wait for it.
    var isReleasing = false
    /// What the API lists.
    var dynos: [Dyno] = []
    /// Replaced, but still running: the API does not show them any more.
    var retired: [RetiredDyno] = []
    /// Names of the features that are on.
    var features: Set<String> = []
    var effects = Effects()
    let log = AppLog()
    var nextDynoNumber = Int.random(in: 1000...8999)
    let webPort: Int
    let webHost: String
    let createdAt = Timestamp.now()
    var updatedAt = Timestamp.now()
    var releasedAt: Timestamp?

    struct RetiredDyno: Sendable {
        var dyno: Dyno
        var isStopping = false
        /// Its end is set to come after the preboot time.
        var isScheduled = false
    }

    init(name: String, stack: String, configVars: [String: String], webHost: String, webPort: Int) {
        self.name = name
        self.stack = stack
        buildStack = stack
        self.configVars = configVars
        self.webHost = webHost
        self.webPort = webPort
    }

    var reference: JSON { ["id": .string(id), "name": .string(name)] }
    var webURL: String { "http://\(webHost):\(webPort)/" }
    var hasPreboot: Bool { features.contains("preboot") }
    /// What the next release starts from, whether this one has succeeded or not.
    var newest: SandboxRelease? { releases.last }
    var current: SandboxRelease? { releases.first { $0.version == currentVersion } }

    mutating func takeDynoNumber() -> Int {
        nextDynoNumber = nextDynoNumber == 9999 ? 1000 : nextDynoNumber + 1
        return nextDynoNumber
    }

    func json(owner: JSON) -> JSON {
        func named(_ name: String, _ id: String) -> JSON { ["id": .string(id), "name": .string(name)] }
        return [
            "acm": false, "archived_at": .null,
            "buildpack_provided_description": .optional(releasedAt.map { _ in "Container" }),
            "build_stack": named(buildStack, "63ef8a23-1eb4-44a6-b5f1-a2f6d5b1a5d1"),
            "created_at": .string(createdAt.apiText),
            "generation": named("cedar", "4ff4f2a3-d9a3-4a2a-a0e1-4a3d3a3f7f0e"),
            "git_url": .string("https://git.heroku.com/\(name).git"), "id": .string(id), "internal_routing": .null,
            "maintenance": .bool(maintenance), "name": .string(name), "owner": owner, "organization": .null,
            "team": .null,
            "region": named("us", "59accabd-516d-4f0e-83e6-6e3757701145"),
            "released_at": .optional(releasedAt?.apiText), "repo_size": .null, "slug_size": .null, "space": .null,
            "stack": named(stack, "63ef8a23-1eb4-44a6-b5f1-a2f6d5b1a5d1"), "updated_at": .string(updatedAt.apiText),
            "web_url": .string(webURL),
        ]
    }

    /// `^[a-z][a-z0-9-]{1,28}[a-z0-9]$`, as the schema has it.
    static func isValid(name: String) -> Bool {
        let bytes = Array(name.utf8)
        func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        guard (3...30).contains(bytes.count), isLetter(bytes[0]), let last = bytes.last else { return false }
        return bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
            && last != UInt8(ascii: "-")
    }
}

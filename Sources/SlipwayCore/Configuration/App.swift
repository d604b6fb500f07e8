package import SlipwayBase

/// One repository that Slipway deploys.
package struct App: Sendable {
    package var name: String
    /// Where its repository is kept.
    package var forge = Forge.github
    /// `owner/name`.
    package var repository: String
    package var cloneURL: String
    /// The app's own, instead of the server's; empty: the server's.
    package var webhookSecrets: [Secret]
    package var test: TestRecipe?
    package var build: BuildRecipe
    /// In the order of the file.
    package var targets: [Target]

    package init(
        name: String, repository: String, cloneURL: String, webhookSecrets: [Secret] = [], test: TestRecipe? = nil,
        build: BuildRecipe = BuildRecipe(), targets: [Target] = []
    ) {
        self.name = name
        self.repository = repository
        self.cloneURL = cloneURL
        self.webhookSecrets = webhookSecrets
        self.test = test
        self.build = build
        self.targets = targets
    }

    package func target(named name: String) -> Target? { targets.first { $0.name == name } }
}

/// How a commit is tested: a script in a container on a copy of the checkout; its exit code decides.
package struct TestRecipe: Sendable {
    package var image: String
    package var run: String
    package var environment: [(name: String, value: String)] = []
    package var timeout: Duration = .seconds(20 * 60)
    package var limits = TestLimits()

    package init(image: String, run: String) {
        self.image = image
        self.run = run
    }
}

/// How the release image is built.
package struct BuildRecipe: Sendable {
    /// Relative to the work tree, as `context` is.
    package var dockerfile = "Dockerfile"
    package var context = "."
    package var arguments: [(name: String, value: String)] = []
    /// A stage of a multi-stage Dockerfile; nil: the last.
    package var stage: String?
    /// What `RUN --mount=type=secret,id=NAME` finds in `/run/secrets/NAME`, and no image keeps.
    package var secrets: [(name: String, value: Secret)] = []
    /// What `RUN --mount=type=ssh,id=ID` may use for ssh.
    package var ssh: [SSHAccess] = []
    package var timeout: Duration = .seconds(30 * 60)

    package init() {}
}

/// One place an app goes to.
package struct Target: Sendable {
    package var name: String
    package var place: Place
    package var when: DeployCondition
    /// Process types that get the image.
    package var processes = ["web"]
    package var migrate: Migration?
    package var health: HealthCheck
    /// The sibling target whose live image is released here, instead of a build.
    package var promote: String?

    package init(
        name: String, place: Place, when: DeployCondition = DeployCondition(), migrate: Migration? = nil,
        health: HealthCheck = HealthCheck(), promote: String? = nil
    ) {
        self.name = name
        self.place = place
        self.when = when
        self.migrate = migrate
        self.health = health
        self.promote = promote
    }
}

/// Which events deploy a commit to a target.
package struct DeployCondition: Sendable {
    package var branches: [Glob]
    package var tags: [Glob]
    /// A GitHub release action, `published` or `released`.
    package var release: String?
    /// Whether pre-releases are taken, too.
    package var prereleases: Bool

    package init(
        branches: [Glob] = [], tags: [Glob] = [], release: String? = nil, prereleases: Bool = false
    ) {
        self.branches = branches
        self.tags = tags
        self.release = release
        self.prereleases = prereleases
    }

    package func matches(_ ref: GitRef) -> Bool { patterns(for: ref).contain(ref.name) }

    func patterns(for ref: GitRef) -> [Glob] { ref.kind == .branch ? branches : tags }

    package func matches(_ release: Event.ReleaseAction) -> Bool {
        release.action == self.release && !release.isDraft && (prereleases || !release.isPrerelease)
    }
}

/// The database migration of a release.
package struct Migration: Sendable {
    /// A shell command.
    package var command: String
    package var run: Way
    package var timeout: Duration = .seconds(60 * 60)
    /// Whether running it twice does no harm.
    package var repeatable: Bool

    package enum Way: Sendable, Hashable {
        /// Before the release goes live, by the platform itself.
        case releasePhase
        /// After it, in an instance of its own; no type or size unless configured.
        case oneOff(type: String?, size: String?)
    }

    package init(command: String, run: Way, repeatable: Bool? = nil) {
        self.command = command
        self.run = run
        self.repeatable = repeatable ?? (run == .releasePhase)
    }
}

/// What shows that the release answers.
package struct HealthCheck: Sendable {
    package var path = "/"
    package var status = 200
    package var within: Duration = .seconds(120)

    package init() {}
}

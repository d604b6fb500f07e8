import SlipwayCore

/// What a job does, as a list: the queue's list of steps, the run and what a restart goes on with are all read off it.
struct JobCourse: Sendable {
    let app: App
    /// nil in a job that only tests.
    let target: Target?
    let parts: [any JobPart]

    private init(_ app: App, _ target: Target?, @JobPartsBuilder _ parts: () -> [any JobPart]) {
        self.app = app
        self.target = target
        self.parts = parts()
    }

    static func test(_ app: App) -> JobCourse {
        JobCourse(app, nil) {
            DiskRoom()
            CheckoutStep()
            WorkTree()
            TestStep()
        }
    }

    static func deploy(_ app: App, to target: Target, on platform: any PlatformKind) -> JobCourse {
        JobCourse(app, target) {
            if let source = target.promote {
                NewerThanLive(promotedFrom: source)
                PromoteStep(from: source)
            } else {
                CheckoutStep()
                // Two jobs of one commit test and build it once: the second finds the first one's image.
                OneBuild {
                    DiskRoom()
                    WorkTree()
                    Beside {
                        if app.test != nil { TestStep() }
                        BuildStep()
                    }
                }
                PushStep()
            }
            Unlocked()
            // One at a time: a reload may have given a place to another target while a job ran.
            Alone(at: target.place) {
                platform.stepsToGoLive(at: target)
                VerifyStep()
                LiveRecord()
            }
        }
    }

    /// Nothing is built, and nothing is migrated: what later migrations did to a database, no image undoes.
    static func rollBack(_ app: App, at target: Target) -> JobCourse {
        JobCourse(app, target) {
            RestoreStep()
            Unlocked()
            Alone(at: target.place) {
                ReleaseStep()
                VerifyStep()
                LiveRecord()
            }
        }
    }
}

extension JobCourse {
    /// - Throws: what the configuration no longer has.
    init(of plan: Plan, in configuration: Configuration, on platforms: Platforms) throws(NoLongerConfigured) {
        guard let app = configuration.app(named: plan.app) else { throw NoLongerConfigured("app \(plan.app)") }
        guard let name = plan.target else {
            self = .test(app)
            return
        }
        guard let target = app.target(named: name), let platform = platforms[target.place] else {
            throw NoLongerConfigured("target \(name) of \(app.name)")
        }
        self = plan.isRollback ? .rollBack(app, at: target) : .deploy(app, to: target, on: platform)
    }

    /// The steps a plan leads to, in the order they run; none when the configuration no longer knows its target.
    static func steps(of plan: Plan, in configuration: Configuration, on platforms: Platforms) -> [Step.Name] {
        (try? JobCourse(of: plan, in: configuration, on: platforms))?.parts.steps.map(\.name) ?? []
    }
}

struct NoLongerConfigured: Error {
    var what: String

    init(_ what: String) {
        self.what = what
    }
}

extension LiveStep {
    var step: any JobStep {
        switch self {
        case .release: ReleaseStep()
        case .migrate(let migration): MigrateStep(migration)
        }
    }
}

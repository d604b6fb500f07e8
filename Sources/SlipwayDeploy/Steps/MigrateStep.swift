import SlipwayCore

/// Migrates the database. Before `release` it begins the release of which the migration is a part.
struct MigrateStep: JobStep {
    let name = Step.Name.migrate
    private let migration: Migration

    init(_ migration: Migration) {
        self.migration = migration
    }

    /// The platform watches the configured time, and says more when it is over.
    func limit(_ run: JobRun) -> TimeLimit { TimeLimit(duration: migration.timeout + run.parts.limits.slack) }

    func left(_ run: JobRun, _ context: StepContext) -> Product? {
        context.products.knownRelease != nil ? .nothing : context.releaseBegun.map { .release($0) }
    }

    func run(_ run: JobRun, _ context: StepContext) async throws -> StepResult {
        guard let record = run.record else { return .done }
        let (platform, image) = (try run.platform, try context.products.published)
        let live = context.products.knownRelease
        let release: PlatformRelease
        if let live { release = live } else { release = try await platform.release(image, in: context) }
        let product = live == nil ? Product.release(release) : .nothing
        if live == nil, release.wasAlreadyRunning {
            return .skipped(product, reason: "\(release.alreadyRunning); it was migrated then")
        }
        switch try await platform.migrate(migration, of: image, in: release, context) {
        case .notDue:
            return .skipped(product, reason: "this image was migrated before, and the migration is not repeatable")
        case .done:
            try await record.add(migration, of: image)
            return .done(product)
        }
    }
}

package import SlipwayCore

/// A target's place on a platform: everything that depends on where releases go. It is made once a job.
///
/// Every method writes its progress to the context's log and its effects to the context's journal, before and after
/// each; what the context knows of an earlier attempt it does not do again before it has asked what became of it. An
/// error that ends the step is a `StepFailure`; a cancelled task throws `CancellationError`. What each promises is
/// written down as tests, `PlatformConformance`, which every platform passes.
package protocol Platform: Sendable {
    /// Puts a built image where the platform takes images from, for every process of the target, with whatever else its
    /// release needs. Of the same image and migration it makes the same.
    func publish(_ image: BuiltImage, in context: StepContext) async throws -> PublishedImage

    /// What `publish` left that ended before the server stopped; nil too where the target has come to need other images.
    /// - Parameter journal: of the whole job.
    func published(_ commit: CommitID, by journal: [JournalEntry]) -> PublishedImage?

    /// Fetches the image of an earlier release, which this engine has no longer.
    /// - Parameter origin: the target of that release, which may be at another place of this platform.
    /// - Returns: the engine's id of it.
    func fetch(_ release: Release, of origin: Target, in context: StepContext) async throws -> String

    /// Begins a release of these images by one change. Where they run already none is made; what runs is restarted then,
    /// and the log says so.
    func release(_ image: PublishedImage, in context: StepContext) async throws -> PlatformRelease

    /// Runs the migration to its end: of a release that it is a part of, or after one that is live. One that is not due by
    /// the target's record is not run, but what this job itself has begun is followed to its end all the same. Where it
    /// fails, the reason says what is live.
    func migrate(
        _ migration: Migration, of image: PublishedImage, in release: PlatformRelease, _ context: StepContext
    ) async throws -> MigrationEnd

    /// Until every process of the target runs the release, or a later one.
    func awaitRunning(_ release: PlatformRelease, of image: PublishedImage, in context: StepContext) async throws

    /// Until the release answers as the target's `health` says.
    func verify(_ release: PlatformRelease, of commit: CommitID, in context: StepContext) async throws
}

/// How a migration ended that did not fail.
package enum MigrationEnd: Sendable, Hashable {
    case done
    /// It was not to be done again, and was not.
    case notDue
}

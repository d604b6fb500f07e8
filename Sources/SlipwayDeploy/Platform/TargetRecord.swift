package import SlipwayCore

/// What is on record of migrations and of failed releases at a job's target.
package struct TargetRecord: Sendable {
    private let releases: any ReleaseStore
    private let patience: Patience
    private let app: String
    private let target: String
    private let job: JobID

    package init(_ releases: any ReleaseStore, _ patience: Patience, app: String, target: String, job: JobID) {
        self.releases = releases
        self.patience = patience
        self.app = app
        self.target = target
        self.job = job
    }

    /// False for a migration that does harm when it is done twice and was the last one done here.
    package func isDue(_ migration: Migration, of image: PublishedImage) async throws -> Bool {
        if migration.repeatable { return true }
        return try await !releases.isMigrated(image.migrated(migration), app: app, target: target, before: job)
    }

    /// At once, and not with the release: if that never answers, the next attempt must know.
    func add(_ migration: Migration, of image: PublishedImage) async throws {
        try await patience.write { [self] in
            try await releases.record(image.migrated(migration), app: app, target: target, job: job)
        }
    }

    /// How often this image failed to be released here since it last succeeded.
    package func failedReleases(of image: String) async throws -> Int {
        try await releases.failedReleases(of: image, app: app, target: target)
    }

    /// The failure itself is what counts: one that cannot be written down is told all the same.
    package func addFailedRelease(of image: String) async {
        try? await patience.write { [self] in
            try await releases.recordFailedRelease(of: image, app: app, target: target, job: job)
        }
    }
}

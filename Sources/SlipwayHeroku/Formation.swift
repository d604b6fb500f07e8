import SlipwayCore

/// An app's process types beside what a target's configuration says of them, which owns them.
struct Formation: Sendable {
    var types: [FormationResource]
    var target: Target

    /// Types that the configuration does not name and that run: Heroku would start them with each release, on the image
    /// that they were given once.
    var dropped: [String] {
        types.filter { $0.type != ReleaseImage.type && $0.quantity > 0 && !target.processes.contains($0.type) }
            .map(\.type).sorted()
    }

    /// Types of the target of which no dyno is to run.
    var idle: [String] {
        target.processes.filter { type in types.contains { $0.type == type && $0.quantity == 0 } }
    }

    /// Whether Heroku would run an image in the release phase that this target does not release (T10).
    var hasLeftReleaseImage: Bool {
        target.releasePhase == nil && types.contains { $0.type == ReleaseImage.type }
    }

    /// Of the types that are idle the one that a first release starts: web, or what there is in its place.
    var first: String? { target.processes.contains("web") ? "web" : target.processes.first }
}

extension Target {
    /// Its migration, if that runs in Heroku's release phase.
    var releasePhase: Migration? { migrate.flatMap { $0.run == .releasePhase ? $0 : nil } }
}

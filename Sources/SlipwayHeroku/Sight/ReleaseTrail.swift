import SlipwayBase
import SlipwayCore

/// An app's releases, read for what the current one runs and by which release that came. Pure, so that each case is a line
/// of a test.
///
/// Each release has an image, whatever made it: a deploy has a new one, a rollback an earlier one, and a config var or an
/// add-on changes nothing of it. Only descriptions tell which of these a release is, and artifacts, where Heroku shows
/// them, which images are the same (docs/heroku.md, 4.3).
struct ReleaseTrail: Sendable {
    /// Newest first.
    let releases: [ReleaseResource]
    /// Whether the app's first release is among them.
    let isWhole: Bool
    /// Whose image counts.
    let processes: [String]

    enum End: Sendable, Equatable {
        case nothing
        case image(Found)
        /// It lies behind the last of these releases.
        case furtherBack
    }

    struct Found: Sendable, Equatable {
        var version: Int
        /// The release with which the image came.
        var origin: ReleaseResource
        var clues: [Sighting.Clue]

        /// - Parameter trouble: why it does not run, in words.
        func running(trouble: String?) -> Sighting.Running {
            Sighting.Running(
                version: version, origin: origin.id, since: origin.createdAt.flatMap(Timestamp.init) ?? .now(),
                words: origin.description?.singleLine(limit: 200), account: origin.user?.email?.singleLine(limit: 200),
                clues: clues, trouble: trouble)
        }
    }

    /// The one whose dynos run, or should.
    var current: ReleaseResource? {
        releases.first { $0.current == true } ?? releases.first { $0.status == "succeeded" }
    }

    func follow() -> End {
        guard let current else { return isWhole ? .nothing : .furtherBack }
        var clues: [Sighting.Clue] = []
        var origin: ReleaseResource?
        var release = current
        while true {
            clues.append(.release(release.id))
            let source = source(of: release)
            if source.isOrigin { origin = origin ?? release }
            switch source {
            case .nothing: return .nothing
            case .image(let digits):
                if let digits { clues.append(.image(digits)) }
                return .image(Found(version: current.version, origin: origin ?? release, clues: clues))
            case .earlier(let earlier), .back(let earlier): release = earlier
            case .unknown:
                // What lies behind an unknown change is not what runs.
                return .image(Found(version: current.version, origin: origin ?? release, clues: clues))
            case .furtherBack: return .furtherBack
            }
        }
    }

    private enum Source {
        case nothing
        case image(digits: String?)
        /// The same image as an earlier release has.
        case earlier(ReleaseResource)
        /// The same, because somebody has gone back to it.
        case back(ReleaseResource)
        case unknown
        case furtherBack

        /// Whether the image came with the release, which has not only kept it.
        var isOrigin: Bool {
            switch self {
            case .image, .back, .unknown: true
            case .nothing, .earlier, .furtherBack: false
            }
        }
    }

    private func source(of release: ReleaseResource) -> Source {
        let earlier = releases.filter { $0.version < release.version }
        let twin = release.images.isEmpty ? nil : earlier.first { $0.images == release.images }
        switch release.change {
        case .deployed(let types, let digits):
            // Another type's image: this one's is what it was.
            if Set(types).isDisjoint(with: processes) { return kept(by: release, earlier, twin) }
            return .image(digits: Set(processes).isSubset(of: types) ? digits : nil)
        case .removed(let types):
            return Set(types).isDisjoint(with: processes) ? kept(by: release, earlier, twin) : .unknown
        case .rollback(let version):
            if let twin { return .back(twin) }
            guard let target = earlier.first(where: { $0.version == version }) else {
                return isWhole ? .unknown : .furtherBack
            }
            // It has other images than what it says it went back to.
            return release.images.isEmpty || target.images.isEmpty ? .back(target) : .unknown
        case .kept: return kept(by: release, earlier, twin)
        case .unknown: return twin.map(Source.earlier) ?? .unknown
        }
    }

    private func kept(
        by release: ReleaseResource, _ earlier: [ReleaseResource], _ twin: ReleaseResource?
    ) -> Source {
        if let twin { return .earlier(twin) }
        guard let before = earlier.first else { return isWhole ? .nothing : .furtherBack }
        // Whether a change keeps what ran, or what was tried last, is not known.
        if before.status != "succeeded", !before.change.keepsImage { return .unknown }
        return .earlier(before)
    }
}

extension ReleaseResource {
    /// Heroku's ids of them; empty where it shows none.
    fileprivate var images: Set<String> { Set((artifacts ?? []).map(\.id)) }

    fileprivate var change: ReleaseDescription { ReleaseDescription(description ?? "") }
}

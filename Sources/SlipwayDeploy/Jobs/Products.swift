package import SlipwayCore

/// What a part of a job produces for those after it.
enum Product: Sendable {
    case nothing
    case commit(CommitID)
    case built(BuiltImage)
    case published(PublishedImage)
    case release(PlatformRelease)
    /// What is to be said about the job's success.
    case remark(String)
    /// There is nothing left for the job to do.
    case end(EarlyEnd)
}

/// What a job's parts have produced so far.
struct Products: Sendable {
    private(set) var knownCommit: CommitID?
    private(set) var knownImage: BuiltImage?
    private(set) var knownRelease: PlatformRelease?
    private var knownPublished: PublishedImage?
    private(set) var remark: String?

    /// - Throws: `EarlyEnd`, where that is the product.
    mutating func add(_ product: Product) throws(EarlyEnd) {
        switch product {
        case .nothing: break
        case .commit(let commit): knownCommit = commit
        case .built(let image): knownImage = image
        case .published(let image): knownPublished = image
        case .release(let release): knownRelease = release
        case .remark(let remark): self.remark = remark
        case .end(let end): throw end
        }
    }

    // A course in which a step comes before what it needs is a mistake of ours, which its tests find.
    var commit: CommitID {
        get throws { try known(knownCommit, "commit") }
    }

    var image: BuiltImage {
        get throws { try known(knownImage, "built image") }
    }

    var published: PublishedImage {
        get throws { try known(knownPublished, "published image") }
    }

    var release: PlatformRelease {
        get throws { try known(knownRelease, "release") }
    }

    private func known<Value>(_ value: Value?, _ what: String) throws -> Value {
        guard let value else { throw StepFailure("no step before this one has produced a \(what)") }
        return value
    }
}

/// An image on the local engine.
package struct BuiltImage: Sendable, Hashable {
    package var commit: CommitID
    /// The engine's id, `sha256:…`.
    package var id: String

    package init(commit: CommitID, id: String) {
        self.commit = commit
        self.id = id
    }
}

/// A job ends before its last step, and nothing has failed: there is nothing left to deploy.
struct EarlyEnd: Error {
    var reason: String
    /// The job that has deployed what is at least as new; nil when there is none.
    var successor: JobID?
}

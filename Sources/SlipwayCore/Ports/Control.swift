import SlipwayBase

/// The running work, for those who may stop it.
package protocol JobControl: Sendable {
    func cancel(_ job: JobID, by: String) async throws -> Cancellation
}

/// Holds back the jobs that nobody asked for by hand, in every process. What throws has changed nothing.
package protocol QueuePause: Sendable {
    /// - Parameter name: who asks for it. A queue that is paused already stays so, in the name of who was first.
    /// - Returns: whether it was not.
    func pause(by name: String) async throws -> Bool
    /// - Returns: whether it was paused.
    func resume() async throws -> Bool
}

/// Holds back the jobs of one target, in every process; a target needs no job or release to be held. What throws has changed
/// nothing.
package protocol TargetHolds: Sendable {
    /// - Parameter name: who asks for it.
    /// - Returns: whether it was not locked. A target that is locked already stays so, in the name of who was first.
    func lock(app: String, target: String, by name: String, reason: String) async throws -> Bool
    /// - Returns: whether it was locked.
    func unlock(app: String, target: String) async throws -> Bool
    /// As `QueuePause`, of this target.
    func pause(app: String, target: String, by name: String) async throws -> Bool
    func resume(app: String, target: String) async throws -> Bool
}

package enum Cancellation: Sendable {
    case accepted
    case unknownJob
    case hasEnded(Job.State)
    /// A migration or a release is under way.
    case passedPointOfNoReturn(Step.Name)
}

/// Looks a ref up in an app's repository.
package protocol RefResolver: Sendable {
    /// - Parameter ref: a branch, a tag, a full ref, or a commit id of at least seven digits.
    /// - Returns: nil when the repository has no such ref.
    /// - Throws: `RefIsNoCommit`, or when the repository cannot be asked.
    func resolve(_ ref: String, app: App) async throws -> (ref: String, commit: Commit)?
}

/// A ref that is there and names no commit: git can tag anything.
package struct RefIsNoCommit: Error, CustomStringConvertible {
    let ref: GitRef
    /// `tree` or `blob`.
    let object: String

    package init(ref: GitRef, object: String) {
        self.ref = ref
        self.object = object
    }

    package var description: String {
        let what = object == "tree" ? "a tree (a folder without a commit)" : "a blob (one file)"
        return
            "\(ref.description.singleLine(limit: 200)) is a tag of \(what), and only a commit can be deployed; tag the "
            + "commit instead"
    }
}

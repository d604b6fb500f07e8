import SlipwayCore
import TestSamples
import TestSupport

/// A repository and the plans that its pushes make: commits are numbers, each with its parent.
struct World {
    /// `feature` is only tested, and what `trunk` goes to also takes tags and what people ask for.
    static let targets: [(branch: String, target: String?)] = [
        ("main", "production"), ("next", "staging"), ("trunk", "shared"), ("feature", nil),
    ]

    let app: String
    private(set) var tips: [String: Int] = [:]
    private var parents: [Int] = [0]
    private var history: [String: [Int]] = [:]

    init(app: String) {
        self.app = app
    }

    /// A new commit on a branch.
    mutating func push(_ branch: String) {
        parents.append(tips[branch] ?? 0)
        move(branch, to: parents.count - 1)
    }

    /// The branch is moved to a commit that it was at before.
    mutating func pushBack(_ branch: String, using generator: inout SeededGenerator) {
        guard let commit = history[branch]?.randomElement(using: &generator), commit != tips[branch] else { return }
        move(branch, to: commit)
    }

    private mutating func move(_ branch: String, to commit: Int) {
        tips[branch] = commit
        history[branch, default: []].append(commit)
    }

    func anyCommit(of branch: String, using generator: inout SeededGenerator) -> Int? {
        history[branch]?.randomElement(using: &generator)
    }

    func tip(of ref: String) -> CommitID? { tips[Self.branch(ref)].map(CommitID.sample) }

    static func branch(_ ref: String) -> String { String(ref.dropFirst("refs/heads/".count)) }

    /// Strictly.
    func isAncestor(_ commit: CommitID, of other: CommitID) -> Bool {
        var number = parents[Self.number(other)]
        while number > Self.number(commit) { number = parents[number] }
        return number == Self.number(commit)
    }

    /// The plans of a push to a branch, as it is now.
    func plans(_ branch: String) -> [Plan] {
        Self.targets.filter { $0.branch == branch }.map {
            plan($0.target, .push, "refs/heads/\(branch)", tips[branch] ?? 0)
        }
    }

    func plan(_ target: String?, _ kind: Trigger.Kind, _ ref: String, _ commit: Int) -> Plan {
        .sample(app, target, kind, ref: ref, commit: commit)
    }

    private static func number(_ id: CommitID) -> Int { Int(id.description, radix: 16) ?? 0 }
}

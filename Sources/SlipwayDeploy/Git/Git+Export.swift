import Foundation
import SlipwayBase
package import SlipwayCore

/// A commit's tree as files.
extension Git {
    /// Lays out a commit that was found in `folder/source`: exactly the commit's tree and no git, if its size is within
    /// `server.checkout`.
    ///
    /// What stands there depends on the commit alone, for images are made of it: files are 0644 or 0755 and folders 0755,
    /// whoever runs this server under whatever umask, and all times are the commit's.
    /// - Throws: `GitError`, `CommandError`, `CancellationError`.
    @discardableResult
    package func export(_ commit: CommitID, app: App, into folder: String) async throws -> TreeSurvey {
        let source = folder + "/source"
        let bounds = configuration.value.server.checkout
        var survey = try await walk(commit, app, TreeSurvey(within: bounds, folder: source)) { $0.add($1) }
        if let refusal = survey.refusal { throw GitError.refused(commit, why: refusal) }
        let archived = try await reading(app) {
            try takeAsItIs(in: $0)
            return try await runner.collect($0.archive(commit, to: folder + "/source.tar"), within: .seconds(600))
        }
        guard archived.succeeded else { throw archiveFailed(commit, archived) }
        try await unpack(folder, commit)
        survey.pointers = try await walk(commit, app, TreeSurvey.Sample()) { pointers, entry in
            guard entry.kind == .file, LFSPointer.sizes.contains(entry.bytes) else { return true }
            if LFSPointer.isOne(at: Array("\(source)/".utf8) + entry.path) { pointers.add(entry.path) }
            return true
        }
        return survey
    }

    /// Takes their effect from the attributes that a commit may give its files: such an archive would differ from the
    /// commit, and be many times as large as was counted, because `ident` and `working-tree-encoding` lengthen a file.
    private func takeAsItIs(in git: GitCommands) throws {
        try FileManager.default.createDirectory(atPath: git.mirror + "/info", withIntermediateDirectories: true)
        try "* -export-ignore -export-subst -text -eol -ident -filter -working-tree-encoding\n".write(
            toFile: git.mirror + "/info/attributes", atomically: true, encoding: .utf8)
    }

    private func archiveFailed(_ commit: CommitID, _ result: CommandResult) -> GitError {
        let words = result.lastLine
        // The mirror was read, the archive could not be written.
        return words.contains("No space left") ? .notUnpacked(commit, words: words) : .notReadable(commit, words: words)
    }

    /// Goes through a commit's tree.
    /// - Parameter add: whether it wants more.
    private func walk<Sum: Sendable>(
        _ commit: CommitID, _ app: App, _ start: Sum,
        _ add: @escaping @Sendable (inout Sum, TreeEntry) -> Bool
    ) async throws -> Sum {
        let progress = Current((sum: start, listing: TreeListing(), hasEnough: false))
        let listed = try await reading(app) {
            progress.value = (start, TreeListing(), false)
            return try await runner.read($0.list(commit), within: .seconds(600)) { chunk in
                var now = progress.value
                defer { progress.value = now }
                now.hasEnough = !now.listing.take(chunk).allSatisfy { add(&now.sum, $0) }
                return !now.hasEnough
            }
        }
        let end = progress.value
        guard listed.succeeded || end.hasEnough else { throw GitError.notReadable(commit, words: listed.lastLine) }
        return end.sum
    }

    /// Asks the mirror, and once more when it was damaged and has been made again.
    private func reading(
        _ app: App, _ question: (GitCommands) async throws -> CommandResult
    ) async throws -> CommandResult {
        let git = commands(app)
        let answer = try await question(git)
        guard answer.saysMirrorIsDamaged else { return answer }
        try await locks.withLock(app.name) {
            try await remakeMirror(git, CloneURL(app.cloneURL), answer, nil)
        }
        return try await question(git)
    }

    private func unpack(_ folder: String, _ commit: CommitID) async throws {
        let files = FileManager.default
        try? files.removeItem(atPath: folder + "/source")
        // The archive's modes as they are: a user who is not root has them cut by the umask otherwise.
        let unpacked = try await runner.collect(
            Command(
                "tar",
                [
                    "--extract", "--no-same-owner", "--same-permissions", "--file", folder + "/source.tar",
                    "--directory",
                    folder,
                ], environment: base), within: .seconds(600))
        try? files.removeItem(atPath: folder + "/source.tar")
        guard unpacked.succeeded else { throw GitError.notUnpacked(commit, words: unpacked.firstLine) }
    }
}

import Foundation
import SlipwayBase

/// A commit's tree as checkout has laid it out, for whoever reads it on a repository's word.
struct SourceTree: Sendable {
    let folder: String

    init(_ folder: String) {
        self.folder = folder
    }

    func has(_ path: String) -> Bool { FileManager.default.fileExists(atPath: folder + "/" + path) }

    func names(in path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + path)) ?? []
    }

    /// A configured path within the tree, followed to where its links lead: a repository may not show the build what is
    /// outside of it.
    func path(_ path: String, _ key: String) throws -> String {
        guard let root = Self.realPath(folder) else { throw StepFailure("the work tree is gone") }
        guard let real = Self.realPath(folder + "/" + path) else {
            throw StepFailure("the commit has no \(path.singleLine(limit: 200)), which \(key) names")
        }
        guard real == root || real.hasPrefix(root + "/") else {
            throw StepFailure("\(key) \(path.singleLine(limit: 200)) leads out of the work tree")
        }
        return real
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}

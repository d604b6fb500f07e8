package import Foundation

/// A folder of one test's own, which goes with its last reference.
package final class TemporaryFolder: Sendable {
    package let path: String
    package var url: URL { URL(filePath: path) }

    package convenience init() throws {
        self.init(unmade: ())
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// For a test of what makes its own folder.
    package static func unmade() -> TemporaryFolder { TemporaryFolder(unmade: ()) }

    private init(unmade: Void) {
        path = FileManager.default.temporaryDirectory.path + "/slipway-test-\(UUID().uuidString)"
    }

    deinit {
        // A store that closes at this moment removes files too, and the one that comes second fails.
        for _ in 1...100 where FileManager.default.fileExists(atPath: path) {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Writes a file, in folders that are made where they are missing.
    /// - Returns: the file's path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        let file = path + "/" + name
        let parent = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        // In place: a reader that has the file open sees the new text.
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }

    package func read(_ name: String) throws -> String {
        try String(contentsOfFile: path + "/" + name, encoding: .utf8)
    }

    package func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }

    package func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }
}

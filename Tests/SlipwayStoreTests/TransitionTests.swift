import Foundation
import Testing

/// Where a job's state is set.
struct TransitionTests {
    /// By file: the statements that give a job a state.
    private func statements() throws -> [String: Int] {
        let sources = URL(filePath: #filePath).appending(path: "../../../Sources").standardized
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var counts: [String: Int] = [:]
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            let count = text.matches(of: /UPDATE\s+jobs\s+(INDEXED BY \w+\s+)?SET\s([^"]*?,\s*)?state\s*=/).count
            if count > 0 { counts[file.lastPathComponent] = count }
        }
        return counts
    }

    @Test func `two statements set it: the transition's, and the claim's, which is as one with it`() throws {
        #expect(try statements() == ["SQLiteRows.swift": 1, "SQLiteStore+JobQueue.swift": 1])
    }
}

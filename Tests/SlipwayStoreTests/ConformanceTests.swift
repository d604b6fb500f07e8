import Foundation
import SlipwayStore
import StoreConformance
import TestSupport
import Testing

extension SQLiteStore: Store {}

/// The promises of every store, kept by the one in a folder and by the one in memory.
struct ConformanceTests {
    private static let kinds = [
        StoreKind("in a folder", outlivesServer: true) { try await SQLiteStore.open(at: $0, feed: $1, logger: $2) },
        StoreKind("in memory", outlivesServer: false) { try SQLiteStore.inMemory(feed: $1, logger: $2) },
    ]

    @Test(.endsIfItHangs, arguments: StoreCheck.all(of: kinds))
    func `keeps every store's promise`(check: StoreCheck) async throws { try await check.run() }

    @Test func `no check is left out of its list`() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../StoreConformance").standardized
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent.hasSuffix("Checks.swift") }
        try #require(!files.isEmpty)
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            let written = text.matches(of: /\n    func `([^`]+)`/).map { String($0.1) }
            let listed = text.matches(of: /Self\(bench: \$0\)\s*\.`([^`]+)`/).map { String($0.1) }
            #expect(written.sorted() == listed.sorted(), "\(file.lastPathComponent)")
        }
    }
}

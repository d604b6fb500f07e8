import Foundation
import GRDB
import SlipwayBase
import SlipwayCore
import SlipwayStore
import Testing

/// Repositories of before version 10, which were known by GitHub's number alone.
struct RepositoryMigrationTests {
    private let bench = Bench()

    @Test func `a repository keeps its app, and a look its repository, with their forge`() async throws {
        let dump = try #require(
            Bundle.module.url(forResource: "version8", withExtension: "sql", subdirectory: "Fixtures"))
        try FileManager.default.createDirectory(atPath: bench.folder, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: bench.file("slipway.db").path)
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: String(contentsOf: dump, encoding: .utf8))
            try db.execute(
                sql: """
                    INSERT INTO repositories (id, name, app) VALUES (4711, 'Ana/Blog', 'blog');
                    INSERT INTO looks (app, repository) VALUES ('blog', 'ana/blog');
                    """)
        }
        try queue.close()

        let store = try await bench.open()
        #expect(try await store.app(of: Repository.ID(.github, number: 4711)) == "blog")
        #expect(try await store.app(of: Repository.ID(.github, number: 4712)) == nil)
        // Looked at before, so that nothing there is taken for new.
        let app = App(name: "blog", repository: "Ana/Blog", cloneURL: "file:///blog")
        #expect(try await store.seenTips(of: app) == [:])
        try await store.close()
    }
}

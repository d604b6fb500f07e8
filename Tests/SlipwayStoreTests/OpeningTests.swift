import Foundation
import GRDB
import SlipwayBase
import SlipwayCore
import SlipwayStore
import StoreConformance
import TestSamples
import Testing

struct OpeningTests {
    let bench = Bench()

    @Test func `writes with a log and syncs it at every commit`() async throws {
        let settings = try await bench.open().settings()
        #expect(settings.journal == "wal")
        #expect(settings.synchronous == 2, "2 is FULL; GRDB leaves 1, NORMAL")
        #expect(settings.foreignKeys)
        #expect(settings.version == SQLiteStore.knownVersion)
    }

    @Test func `closes the folder and its files to others`() async throws {
        try FileManager.default.createDirectory(
            atPath: bench.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let store = try await bench.open()
        try await store.ask(.sample())
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(bench.folder) == 0o700)
        for name in ["slipway.db", "slipway.db-wal", "deliveries/000001.bodies"] {
            #expect(try mode(bench.file(name).path) == 0o600, "\(name)")
        }
    }

    @Test func `refuses a database that a newer slipway wrote and leaves it alone`() async throws {
        try await bench.open().close()
        let path = bench.file("slipway.db").path
        let queue = try DatabaseQueue(path: path)
        try await queue.write { try $0.execute(sql: "PRAGMA user_version = 99; CREATE TABLE later (id INTEGER)") }
        try queue.close()
        let error = await #expect(throws: StoreError.self) { try await bench.open() }
        guard case .newerDatabase(_, version: 99, supported: SQLiteStore.knownVersion) = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        let message = try #require(error).description
        #expect(
            message.contains("version 99") && message.contains("up to \(SQLiteStore.knownVersion)")
                && message.contains(path))
        let version = try await DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
        #expect(version == 99)
    }

    @Test func `says which file is no database`() async throws {
        try FileManager.default.createDirectory(atPath: bench.folder, withIntermediateDirectories: true)
        try Data(repeating: 7, count: 8192).write(to: bench.file("slipway.db"))
        let error = await #expect(throws: StoreError.self) { try await bench.open() }
        #expect(try #require(error).description.contains(bench.file("slipway.db").path))
    }

    @Test func `finds everything again after it was closed`() async throws {
        let first = try await bench.open()
        let running = try await first.queueJob(.sample(commit: 1))
        _ = try await first.claimJob()
        let queued = try await first.queueJob(.sample("other", commit: 2))
        try await first.close()

        let second = try await bench.open()
        let again = try #require(try await second.job(running.id))
        #expect(again.plan == running.plan)
        #expect(again.state == .running)
        #expect(again.steps.map(\.name) == [.checkout, .build, .release])
        #expect(again.startedAt != nil)
        #expect(try await second.queue().queued == [queued.id])
        #expect(try await second.queueJob(.sample("third")).id > queued.id)
    }

    @Test func `answers with an error after it was closed`() async throws {
        let store = try await bench.open()
        try await store.close()
        await #expect(throws: StoreError.self) { try await store.ask(.sample()) }
        await #expect(throws: StoreError.self) { try await store.job(1) }
        await #expect(throws: StoreError.self) { try await store.claimJob() }
    }

    @Test func `a folder belongs to one process at a time`() throws {
        let lock = try DataFolderLock(folder: bench.folder)
        let error = #expect(throws: StoreError.self) { try DataFolderLock(folder: bench.folder) }
        guard case .dataInUse(bench.folder, process: ProcessInfo.processInfo.processIdentifier) = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: bench.file("lock").path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        withExtendedLifetime(lock) {}
    }

    @Test func `a folder is free when its lock is gone`() throws {
        do {
            let lock = try DataFolderLock(folder: bench.folder)
            withExtendedLifetime(lock) {}
        }
        let next = try DataFolderLock(folder: bench.folder)
        withExtendedLifetime(next) {}
    }

    @Test func `says which folder cannot be made`() throws {
        try FileManager.default.createDirectory(atPath: bench.folder, withIntermediateDirectories: true)
        try Data().write(to: bench.file("file"))
        let error = #expect(throws: StoreError.self) { try DataFolderLock(folder: bench.folder + "/file/data") }
        #expect(try #require(error).description.contains("file/data"))
    }
}

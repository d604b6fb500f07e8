import Foundation
import GRDB
import SlipwayBase
import SlipwayCore
import SlipwayStore
import StoreConformance
import TestSamples
import Testing

struct DeliveryTests {
    let bench = Bench()

    @Test func `pings and ignored deliveries are recorded with reason and headers`() async throws {
        let store = try await bench.open()
        let pong = try await store.record(.sample("ping", body: "zen"), .pong, repository: nil)
        guard case .pong = pong else { throw Unexpected(what: "\(pong)") }
        _ = try await store.record(.sample("no"), .ignored(reason: "not ours"), repository: nil)
        #expect(try await store.body(delivery: "ping") == Array("zen".utf8))
        #expect(try await store.body(delivery: "unheard of") == nil)
        try await store.close()
        let rows = try await DatabaseQueue(path: bench.file("slipway.db").path).read { db in
            try Row.fetchAll(db, sql: "SELECT guid, decision, reason, headers FROM deliveries ORDER BY id").map {
                [$0[0], $0[1], $0[2], $0[3]] as [String?]
            }
        }
        let headers = "X-GitHub-Event: push\n"
        #expect(rows == [["ping", "pong", nil, headers], ["no", "ignored", "not ours", headers]])
    }

    @Test func `deliveries that arrive together share commits`() async throws {
        let store = try await bench.open()
        let before = try commits()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...100 { group.addTask { _ = try await store.record(.sample(), .pong, repository: nil) } }
            try await group.waitForAll()
        }
        let shared = try commits() - before
        print("100 deliveries at once took \(shared) commits")
        #expect(shared > 0 && shared < 50)
        for _ in 1...3 { _ = try await store.record(.sample(), .pong, repository: nil) }
        #expect(try commits() - before - shared == 3)
    }

    /// Transactions in SQLite's write-ahead log: the frames that carry a database size (sqlite.org/fileformat2.html,
    /// section 4.1).
    private func commits() throws -> Int {
        let log = [UInt8](try Data(contentsOf: bench.file("slipway.db-wal")))
        return stride(from: 32, to: log.count, by: 24 + 4096).count { frame in
            log[frame + 4..<frame + 8].contains { $0 != 0 }
        }
    }

    @Test func `one delivery that cannot be stored leaves its neighbours alone`() async throws {
        let store = try await bench.open()
        let outside = try DatabaseQueue(path: bench.file("slipway.db").path)
        try await outside.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON jobs WHEN NEW.app = 'bad'
                    BEGIN SELECT RAISE(ABORT, 'refused'); END
                    """)
        }
        try outside.close()
        let stored = await withTaskGroup(of: Bool.self) { group in
            for number in 1...20 {
                group.addTask {
                    let receipt = try? await store.record(
                        Delivery.sample("g\(number)", body: "body \(number)"),
                        .plans([.sample(number % 4 == 0 ? "bad" : "good\(number)")]), repository: nil)
                    return receipt != nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(stored == 15)
        for number in 1...20 {
            let body = number % 4 == 0 ? nil : Array("body \(number)".utf8)
            #expect(try await store.body(delivery: "g\(number)") == body)
        }
        #expect(try await store.queue().queuedCount == 15)
    }

    @Test func `bytes behind the last recorded body are written over after a crash`() async throws {
        var store = try await bench.open()
        _ = try await store.record(.sample("a", body: "first"), .pong, repository: nil)
        _ = try await store.record(.sample("empty", body: ""), .pong, repository: nil)
        try await store.close()
        let file = try FileHandle(forWritingTo: bench.file("deliveries/000001.bodies"))
        try file.seekToEnd()
        try file.write(contentsOf: Data("half of a bo".utf8))
        try file.close()
        store = try await bench.open()
        _ = try await store.record(.sample("b", body: "second"), .pong, repository: nil)
        #expect(try await store.body(delivery: "a") == Array("first".utf8))
        #expect(try await store.body(delivery: "empty") == [])
        #expect(try await store.body(delivery: "b") == Array("second".utf8))
        #expect(try Data(contentsOf: bench.file("deliveries/000001.bodies")) == Data("firstsecond".utf8))
    }

    @Test func `a damaged body is noticed`() async throws {
        let store = try await bench.open()
        _ = try await store.record(.sample("a", body: "first"), .pong, repository: nil)
        try Data("fjrst".utf8).write(to: bench.file("deliveries/000001.bodies"))
        await #expect(throws: StoreError.self) { try await store.body(delivery: "a") }
    }

    @Test func `a full file of bodies is followed by another`() async throws {
        var store = try await bench.open()
        _ = try await store.record(.sample("first", body: "first"), .pong, repository: nil)
        try await store.close()
        // As if the second delivery had filled the file.
        let full = 64 << 20
        let outside = try DatabaseQueue(path: bench.file("slipway.db").path)
        try await outside.write { db in
            try db.execute(
                sql: """
                    INSERT INTO deliveries SELECT 2, 'filler', source, event, headers, received_at, segment, length,
                        \(full) - length, 0, decision, reason FROM deliveries
                    """)
        }
        try outside.close()
        let file = try FileHandle(forWritingTo: bench.file("deliveries/000001.bodies"))
        try file.truncate(atOffset: UInt64(full))
        try file.close()

        store = try await bench.open()
        _ = try await store.record(.sample("next", body: "next"), .pong, repository: nil)
        #expect(try Data(contentsOf: bench.file("deliveries/000002.bodies")) == Data("next".utf8))
        #expect(try await store.body(delivery: "first") == Array("first".utf8))
        try await store.close()
        store = try await bench.open()
        _ = try await store.record(.sample("last", body: "last"), .pong, repository: nil)
        #expect(try Data(contentsOf: bench.file("deliveries/000002.bodies")) == Data("nextlast".utf8))
        #expect(try await store.body(delivery: "next") == Array("next".utf8))
    }
}

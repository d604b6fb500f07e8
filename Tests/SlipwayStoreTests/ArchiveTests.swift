import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayStore
import StoreConformance
import TestSamples
import Testing

struct ArchiveTests {
    let bench = Bench()

    @Test func `removes old deliveries whose jobs have ended, with files of which none is left`() async throws {
        let store = try await bench.open()
        let old = Timestamp.now() - .seconds(40 * 86_400)
        func record(_ number: Int, at time: Timestamp, bytes: Int = 10) async throws {
            let delivery = Delivery.sample(
                "guid-\(number)", body: String(repeating: "1", count: bytes), receivedAt: time)
            _ = try await store.record(
                delivery, .plans([.sample(ref: "refs/heads/\(number)", commit: number)]), repository: nil)
        }
        // Past a file's size, so that the next one begins another.
        try await record(1, at: old, bytes: 65 << 20)
        try await record(2, at: old)
        try await record(3, at: .now())
        #expect(try await store.removeDeliveries(before: .now() - .seconds(30 * 86_400)) == 0, "their jobs wait")
        for job in 1...2 { _ = try await store.cancelQueued(JobID(job), reason: "") }
        #expect(try await store.removeDeliveries(before: .now() - .seconds(30 * 86_400)) == 2)
        let files = try FileManager.default.contentsOfDirectory(atPath: bench.folder + "/deliveries")
        #expect(files == ["000002.bodies"])
        #expect(try await store.body(delivery: "guid-3")?.count == 10)
        #expect(try await store.body(delivery: "guid-2") == nil)
    }

    @Test func `a log that is removed leaves nothing`() async throws {
        let book = FileLogBook(folder: bench.folder, feed: bench.feed)
        await book.append(Array("hello\n".utf8), job: 7, step: .build)
        #expect(try await book.jobs() == [7])
        try await book.remove(7)
        #expect(try await book.jobs().isEmpty)
        #expect(try await book.size(job: 7, step: nil) == 0)
    }
}

import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

struct DeliveryChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("queues a job for each plan") { try await Self(bench: $0).`queues a job for each plan`() }
        list.add("a GUID that made jobs changes nothing when it comes again") {
            try await Self(bench: $0).`a GUID that made jobs changes nothing when it comes again`()
        }
        list.add("a GUID that was ignored is decided again") {
            try await Self(bench: $0).`a GUID that was ignored is decided again`()
        }
        list.add("remembers which app a repository belonged to") {
            try await Self(bench: $0).`remembers which app a repository belonged to`()
        }
        list.add("a hundred deliveries at once are each stored with their own body", restarts: true) {
            try await Self(bench: $0).`a hundred deliveries at once are each stored with their own body`()
        }
    }

    func `queues a job for each plan`() async throws {
        let store = try await bench.open()
        let receipt = try await store.ask(.sample(), .sample("shop", "homolog"), .sample("shop", nil))
        guard case .queued(let jobs) = receipt else { throw Unexpected(what: "\(receipt)") }
        #expect(jobs.map(\.plan.target) == ["production", "homolog", nil])
        #expect(jobs.allSatisfy { $0.state == .queued && $0.steps.isEmpty })
        #expect(jobs[0].plan == .sample())
    }

    func `a GUID that made jobs changes nothing when it comes again`() async throws {
        let store = try await bench.open()
        let first = try await store.record(.sample("g"), .plans([.sample()]), repository: nil)
        guard case .queued(let jobs) = first else { throw Unexpected(what: "\(first)") }
        _ = try await store.claimJob()
        try await store.finish(jobs[0].id, as: .succeeded, reason: nil)
        let second = try await store.record(
            Delivery.sample("g", body: "other"), .plans([.sample(commit: 7)]), repository: nil)
        guard case .duplicate(let same) = second else { throw Unexpected(what: "\(second)") }
        #expect(same.map(\.id) == jobs.map(\.id))
        #expect(same[0].state == .succeeded)
        #expect(try await store.body(delivery: "g") == Array("{}".utf8))
        #expect(try await store.jobs(JobFilter()).count == 1)
    }

    func `a GUID that was ignored is decided again`() async throws {
        let store = try await bench.open()
        let ignored = Decision.ignored(reason: "no target deploys branch main")
        for _ in 1...2 {
            let receipt = try await store.record(.sample("g"), ignored, repository: nil)
            guard case .ignored(let reason) = receipt else { throw Unexpected(what: "\(receipt)") }
            #expect(reason == "no target deploys branch main")
        }
        let receipt = try await store.record(.sample("g"), .plans([.sample()]), repository: nil)
        guard case .queued = receipt else { throw Unexpected(what: "\(receipt)") }
        let again = try await store.record(.sample("g"), ignored, repository: nil)
        guard case .duplicate = again else { throw Unexpected(what: "\(again)") }
    }

    func `remembers which app a repository belonged to`() async throws {
        let store = try await bench.open()
        _ = try await store.record(
            Delivery.sample(), .plans([.sample()]), repository: Repository(.github, number: 42, fullName: "ana/shop"))
        _ = try await store.record(
            Delivery.sample(), .ignored(reason: "unknown"),
            repository: Repository(.github, number: 43, fullName: "bob/other"))
        #expect(try await store.app(of: Repository.ID(.github, number: 42)) == "shop")
        #expect(try await store.app(of: Repository.ID(.github, number: 43)) == nil)
    }

    func `a hundred deliveries at once are each stored with their own body`() async throws {
        let store = try await bench.open()
        let ids = try await withThrowingTaskGroup(of: JobID.self) { group in
            for number in 1...100 {
                group.addTask {
                    let receipt = try await store.record(
                        Delivery.sample("g\(number)", body: "body \(number)"),
                        .plans([.sample(ref: "refs/heads/b\(number)", commit: number)]), repository: nil)
                    guard case .queued(let jobs) = receipt else { throw Unexpected(what: "\(receipt)") }
                    return jobs[0].id
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ids.count == 100)
        try await store.close()
        let again = try await bench.open()
        for number in 1...100 {
            #expect(try await again.body(delivery: "g\(number)") == Array("body \(number)".utf8))
        }
        #expect(try await again.queue().queuedCount == 100)
    }
}

import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

/// What is kept of a platform's answers, and what is made of them.
struct SightingChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("what a platform runs is known by its release, by its image, or not at all") {
            try await Self(bench: $0).`what a platform runs is known by its release, by its image, or not at all`()
        }
        list.add("an answer that a release of Slipway's has overtaken says nothing any more") {
            try await Self(bench: $0).`an answer that a release of Slipway's has overtaken says nothing any more`()
        }
        list.add("a release is good when its job is, and not before") {
            try await Self(bench: $0).`a release is good when its job is, and not before`()
        }
        list.add("the way back is from what runs") {
            try await Self(bench: $0).`the way back is from what runs`()
        }
        list.add("an answer outlives the server", restarts: true) {
            try await Self(bench: $0).`an answer outlives the server`()
        }
        list.add("pages are told of another answer, and not of the same one") {
            try await Self(bench: $0).`pages are told of another answer, and not of the same one`()
        }
    }

    private let place = Place(platform: "heroku", name: "shop-app")
    private var target: Target { Target(name: "production", place: place) }
    private let then = Timestamp(milliseconds: 9_000)

    private func release(_ number: Int, job: JobID? = nil) throws -> Release {
        Release(
            app: "shop", target: "production", job: job ?? JobID(number), commit: .sample(number),
            image: "sha256:" + String(repeating: "\(number)", count: 64), version: number,
            since: Timestamp(milliseconds: 5_000))
    }

    private func make(_ store: any Store, _ number: Int, job: JobID? = nil, isGood: Bool = true) async throws {
        let release = try release(number, job: job)
        try await store.record(MadeRelease(place: place, id: "r\(number)", release: release))
        if isGood { try await store.record(release) }
    }

    private func see(
        _ store: any Store, _ answer: Sighting.Answer, at place: Place? = nil, since mark: SightingMark? = nil
    ) async throws {
        let place = place ?? self.place
        let now = try await store.mark(of: place)
        try await store.record(
            Sighting(at: then, of: place, answer), app: "shop", target: "production", since: mark ?? now)
    }

    private func running(_ version: Int, _ origin: String, _ clues: Sighting.Clue...) -> Sighting.Answer {
        .running(
            Sighting.Running(version: version, origin: origin, since: Timestamp(milliseconds: 7_000), clues: clues))
    }

    private func standing(_ store: any Store) async throws -> Standing {
        try await store.standing(app: "shop", target: target, at: then)
    }

    func `what a platform runs is known by its release, by its image, or not at all`() async throws {
        let store = try await bench.open()
        #expect(try await standing(store).state == .unknown)
        try await make(store, 1)
        try await make(store, 2)
        try await see(store, running(2, "r2", .release("r2")))
        var seen = try await standing(store)
        #expect(seen.state == .live && seen.live?.release?.job == 2 && seen.live?.isOwn == true)
        try await see(store, running(3, "r3", .release("r3"), .release("r1")))
        seen = try await standing(store)
        #expect(seen.live?.release?.job == 1 && seen.live?.version == 3 && seen.live?.isOwn == false)
        #expect(seen.lastGood?.job == 2)
        try await see(store, running(4, "r4", .release("r4"), .image("111111111111")))
        #expect(try await standing(store).live?.release?.job == 1)
        try await see(store, running(5, "r5", .release("r5"), .image("999999999999")))
        seen = try await standing(store)
        #expect(seen.state == .live && seen.live?.version == 5 && seen.live?.release == nil)
        try await see(store, .nothing)
        #expect(try await standing(store).state == .empty)
        // Of another place.
        let elsewhere = Place(platform: "heroku", name: "other")
        try await see(store, running(2, "r2", .release("r2")), at: elsewhere)
        #expect(try await standing(store).state == .unknown)
        #expect(
            try await store.standing(app: "shop", target: Target(name: "homolog", place: place), at: then).live == nil)
    }

    func `an answer that a release of Slipway's has overtaken says nothing any more`() async throws {
        let store = try await bench.open()
        try await make(store, 1)
        let before = try await store.mark(of: place)
        try await make(store, 2)
        #expect(try await store.mark(of: place) != before)
        try await see(store, running(1, "r1", .release("r1")), since: before)
        var seen = try await standing(store)
        #expect(seen.state == .unknown && seen.live?.release?.job == 2, "what is on record counts")
        try await see(store, running(2, "r2", .release("r2")))
        #expect(try await standing(store).state == .live)
        // The answer to the earlier question comes later.
        try await see(store, running(1, "r1", .release("r1")), since: before)
        seen = try await standing(store)
        #expect(seen.state == .live && seen.live?.release?.job == 2)
        // Written down again after a stop.
        try await make(store, 2)
        #expect(try await standing(store).state == .live)
        // One that cannot be asked has nothing that could be overtaken.
        try await see(store, .cannotTell)
        try await make(store, 3)
        #expect(try await standing(store).state == .live)
    }

    func `a release is good when its job is, and not before`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(.sample(commit: 3)).id
        _ = try await store.claimJob()
        try await make(store, 3, job: job, isGood: false)
        try await see(store, running(3, "r3", .release("r3")))
        var seen = try await standing(store)
        #expect(seen.state == .deploying && seen.live?.trouble == .underWay(job))
        try await store.finish(job, as: .failed, reason: "verify: answers 500")
        seen = try await standing(store)
        #expect(seen.state == .down && seen.live?.trouble == .unverified(job))
        #expect(seen.lastAttempt == Standing.Attempt(job: job, failed: true))
        try await store.record(try release(3, job: job))
        seen = try await standing(store)
        #expect(seen.live?.trouble == nil)
    }

    func `the way back is from what runs`() async throws {
        let store = try await bench.open()
        func wayBack() async throws -> JobID? {
            try await store.wayBack(app: "shop", target: target, at: then)?.job
        }
        #expect(try await wayBack() == nil)
        try await make(store, 1)
        try await make(store, 2)
        #expect(try await wayBack() == 1, "by the records")
        try await see(store, running(2, "r2", .release("r2")))
        #expect(try await wayBack() == 1)
        try await see(store, running(3, "r3", .release("r1")))
        #expect(try await wayBack() == 2, "it was rolled back at the platform")
        try await see(store, running(3, "r3", .image("999999999999")))
        #expect(try await wayBack() == 2, "what runs is none of Slipway's")
        try await make(store, 4, job: 90, isGood: false)
        try await see(store, running(4, "r4", .release("r4")))
        #expect(try await wayBack() == 2, "from what did not pass its verification")
    }

    func `an answer outlives the server`() async throws {
        var store = try await bench.open()
        try await make(store, 1)
        try await see(store, running(1, "r1", .release("r1")))
        try await store.close()
        store = try await bench.open()
        #expect(try await standing(store).state == .live)
    }

    func `pages are told of another answer, and not of the same one`() async throws {
        let store = try await bench.open()
        var changes = bench.feed.changes().makeAsyncIterator()
        try await see(store, running(1, "r1", .release("r1")))
        try await see(store, running(1, "r1", .release("r1")))
        let job = try await store.queueJob(.sample(commit: 3)).id
        var kinds: [String] = []
        while let change = await changes.next() {
            kinds.append("\(change.kind)")
            if case .job(job) = change.kind { break }
        }
        #expect(kinds.filter { $0 == "reset" }.count == 1, "\(kinds)")
    }
}

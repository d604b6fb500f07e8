import SlipwayNet
import Synchronization
import Testing

@testable import SlipwayHTTP

/// Which body gives way when there is no room, by a clock that the tests set.
@Suite struct BodyBudgetTests {
    private static let mebibyte = 1 << 20
    private let begin = Deadline.now()
    private let budget: BodyBudget

    init() {
        var limits = HTTPLimits()
        limits.bodyBudgetBytes = 64 << 20
        budget = BodyBudget(limits)
    }

    private final class Body: Sendable {
        let share: BodyBudget.Share
        private let told: Told

        private final class Told: Sendable { let count = Atomic(0) }

        init(_ budget: BodyBudget, _ client: String, at now: Deadline) {
            let told = Told()
            self.told = told
            share = budget.share(of: ClientNetwork(client), at: now) { told.count.add(1, ordering: .relaxed) }
        }

        /// How often it was told that its room went to others.
        var gaveWay: Int { told.count.load(ordering: .relaxed) }
    }

    private func body(of client: String, at seconds: Int = 0, _ mebibytes: Int = 0) throws -> Body {
        let now = begin + .seconds(seconds)
        let body = Body(budget, client, at: now)
        for _ in 0..<mebibytes { try body.share.take(Self.mebibyte, at: now) }
        return body
    }

    @Test func `a client has at most half of it, and that is given back`() throws {
        do {
            let first = try body(of: "192.0.2.1", 32)
            #expect(throws: HTTPError.self) { try body(of: "192.0.2.1", 1) }
            _ = try body(of: "192.0.2.2", 32)
            #expect(first.gaveWay == 0)
        }
        _ = try body(of: "192.0.2.1", 32)
    }

    @Test func `two clients that hold all of it give way to any number of others`() throws {
        let rude = try (0..<40).map { try body(of: "192.0.2.\($0 % 2)", $0 < 32 ? 2 : 0) }
        var honest: [Body] = []
        for number in 0..<100 {
            let one = Body(budget, "198.51.100.\(number)", at: begin)
            try one.share.take(8192, at: begin)
            honest.append(one)
        }
        #expect(rude.contains { $0.gaveWay == 1 })
        #expect(rude.allSatisfy { $0.gaveWay <= 1 } && honest.allSatisfy { $0.gaveWay == 0 })
        for one in honest { try one.share.complete() }
        let loser = try #require(rude.first { $0.gaveWay == 1 })
        #expect(throws: HTTPError.self) { try loser.share.take(1, at: begin) }
        #expect(throws: HTTPError.self) { try loser.share.complete() }
    }

    @Test func `the addresses of one IPv6 network are one client, however many bodies they begin`() throws {
        let rude = try (0..<32).map { try body(of: "2001:db8:1:2::\($0)", 1) }
        #expect(throws: HTTPError.self) { try body(of: "2001:db8:1:2:ffff::1", 1) }
        _ = try body(of: "2001:db8:1:3::1", 32)
        #expect(rude.allSatisfy { $0.gaveWay == 0 })
    }

    @Test func `one that stands still goes before one that moves, of whichever client that has more`() throws {
        let still = try body(of: "192.0.2.1", 10)
        let moving = [try body(of: "192.0.2.2", 31), try body(of: "192.0.2.3", 20)]
        for body in moving { try body.share.take(65_536, at: begin + .seconds(2)) }
        let newcomer = try body(of: "192.0.2.4", at: 2, 4)
        #expect(still.gaveWay == 1)
        #expect((moving + [newcomer]).allSatisfy { $0.gaveWay == 0 })
    }

    @Test func `drops do not make a body move`() throws {
        let dripping = try body(of: "192.0.2.1", 20)
        let moving = try body(of: "192.0.2.2", 31)
        for second in 1...5 { try dripping.share.take(1000, at: begin + .seconds(second)) }
        try moving.share.take(65_536, at: begin + .seconds(5))
        let newcomer = try body(of: "192.0.2.3", at: 5, 14)
        #expect([dripping, moving, newcomer].map(\.gaveWay) == [1, 0, 0])
    }

    @Test func `while all move, one of the client that holds most gives way`() throws {
        let bodies = [
            try body(of: "192.0.2.1", 8), try body(of: "192.0.2.1", 10), try body(of: "192.0.2.1", 10),
            try body(of: "192.0.2.2", 26), try body(of: "192.0.2.3", 10),
        ]
        let newcomer = try body(of: "192.0.2.4", 1)
        #expect(bodies.map(\.gaveWay).reduce(0, +) == 1 && bodies[..<3].contains { $0.gaveWay == 1 })
        #expect(newcomer.gaveWay == 0)
    }

    @Test func `nobody gives way to a client that would hold more`() throws {
        let small = try (0..<4).map { try body(of: "192.0.2.\($0)", 16) }
        #expect(throws: HTTPError.self) { try body(of: "192.0.2.9", at: 60, 17) }
        #expect(small.map(\.gaveWay).reduce(0, +) == 1)
    }

    @Test func `of its own client a body takes the place of one that stands still, because a proxy may be one client`()
        throws
    {
        let older = try body(of: "192.0.2.1", 30)
        #expect(throws: HTTPError.self) { try body(of: "192.0.2.1", 4) }
        #expect(older.gaveWay == 0)
        let newer = try body(of: "192.0.2.1", at: 2, 4)
        #expect(older.gaveWay == 1 && newer.gaveWay == 0)
    }

    @Test func `a body that is whole does not give way`() throws {
        let whole = try body(of: "192.0.2.1", 32)
        try whole.share.complete()
        let other = try body(of: "192.0.2.2", 32)
        try other.share.complete()
        #expect(throws: HTTPError.self) { try body(of: "192.0.2.3", at: 60, 1) }
        #expect(whole.gaveWay == 0 && other.gaveWay == 0)
    }
}

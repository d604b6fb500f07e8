import Foundation
import SlipwayCore
import SlipwayStore
import TestSupport
import Testing

@testable import SlipwayDeploy

/// Joining, order and superseding under schedules that nobody would think of.
struct ScheduleTests {
    private struct Figures {
        var claims = 0
        var jobs = 0
        var longestStreak = 0
    }

    /// `SLIPWAY_SCHEDULES` asks for more of them, as CI does, `SLIPWAY_SEED` for one alone.
    @Test func `random schedules break no promise`() async throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["SLIPWAY_SCHEDULES"].flatMap(UInt64.init) ?? 2_000
        var seeds = 1...count
        if let seed = environment["SLIPWAY_SEED"].flatMap(UInt64.init) { seeds = seed...seed }
        let lanes: UInt64 = 2
        let figures = try await withThrowingTaskGroup(of: Figures.self) { group in
            for lane in 0..<lanes {
                group.addTask { [seeds] in try await Self.run(seeds.filter { $0 % lanes == lane }) }
            }
            return try await group.reduce(into: Figures()) { sum, figures in
                sum.claims += figures.claims
                sum.jobs += figures.jobs
                sum.longestStreak = max(sum.longestStreak, figures.longestStreak)
            }
        }
        print(
            "\(seeds.count) schedules: \(figures.jobs) jobs, \(figures.claims) ran, at most \(figures.longestStreak) "
                + "superseded in a row")
        #expect(figures.longestStreak <= Superseding.mostInARow)
    }

    private static func run(_ seeds: [UInt64]) async throws -> Figures {
        // In memory: the schedules are about order, not about disks.
        let store = try SQLiteStore.inMemory(feed: Feed())
        var figures = Figures()
        for seed in seeds {
            let schedule = Schedule(store, app: "s\(seed)", seed: seed, isCalm: seed % 3 == 0)
            fill(schedule, isDense: seed % 16 == 0)
            do {
                try await schedule.run()
                try await schedule.check()
            } catch {
                schedule.broken.append("\(error)")
            }
            figures.claims += schedule.claims
            figures.longestStreak = max(figures.longestStreak, schedule.longestStreak)
            guard schedule.broken.isEmpty else {
                Issue.record("SLIPWAY_SEED=\(seed): \(schedule.broken.joined(separator: "; "))")
                break
            }
        }
        figures.jobs = try await store.jobCounts().values.reduce(0, +)
        try await store.close()
        return figures
    }

    /// - Parameter isDense: whether `main` is pushed to faster than it can be built.
    private static func fill(_ schedule: Schedule, isDense: Bool) {
        func random(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &schedule.generator) }
        for _ in 0..<random(1...7) {
            let branch = ["main", "main", "next", "trunk", "feature"][random(0...4)]
            let isBack = schedule.generator.chance(10)
            schedule.plan(.pushed(branch, back: isBack), within: 90_000)
        }
        if isDense {
            for number in 0..<20 { schedule.plan(.pushed("main", back: false), in: number * 2500 + random(0...2000)) }
        }
        for _ in 0..<random(0...2) { schedule.plan(.tagged, within: 120_000) }
        for _ in 0..<random(0...1) { schedule.plan(.asked, within: 120_000) }
        guard !schedule.isCalm else { return }
        for _ in 0..<random(0...3) { schedule.plan(.cancelled, within: 120_000) }
    }

    @Test func `of fifty pushes in ten seconds a few are deployed, the newest among them`() async throws {
        let store = try SQLiteStore.inMemory(feed: Feed())
        let schedule = Schedule(store, app: "burst", seed: 50, isCalm: true) { step, _ in
            switch step {
            case .checkout: 500
            case .test, .build: 30_000
            default: 5000
            }
        }
        schedule.isUnlucky = false
        for number in 0..<50 { schedule.plan(.pushed("next", back: false), in: number * 200) }
        try await schedule.run()
        try await schedule.check()
        #expect(schedule.broken.isEmpty, "\(schedule.broken)")
        let deployed = schedule.successes["refs/heads/next staging"] ?? []
        print("50 pushes in 10 s: \(schedule.claims) jobs started, \(deployed.count) went live")
        #expect(deployed.last?.plan.commit.id == schedule.world.tip(of: "refs/heads/next"))
        #expect(deployed.count <= 2)
        #expect(schedule.claims <= Superseding.mostInARow + 2)
        try await store.close()
    }
}

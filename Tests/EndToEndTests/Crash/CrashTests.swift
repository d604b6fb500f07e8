import Foundation
import TestSupport
import Testing

/// The real server, killed while it works, and started again: what happened to the world must be what happens without
/// a kill, each effect once, and what was answered is not lost.
///
/// `SLIPWAY_CRASH=long` (`make crash`) kills at every point of the journal, and for each of five seeds at 48 random moments,
/// 4 in each kind of work; else at some of them. Each line that is printed names its seed, and `SLIPWAY_SEED` repeats it.
@Suite(.timeLimit(.minutes(120)))
struct CrashTests {
    @Test(arguments: Scenario.all)
    func `a kill changes nothing that anybody sees`(scenarios: [Scenario]) async throws {
        try await Stage.with { stage in
            var whole: [Stage.Play] = []
            for scenario in scenarios {
                // The first release of an app also scales it.
                _ = try await stage.play(scenario)
                let play = try await stage.play(scenario)
                print("\(scenario): \(play.points.count) points\n  \(play.points.joined(separator: "\n  "))")
                print("\(scenario): without a kill \(play.outcome); in \(play.lasted)")
                whole.append(play)
            }
            for way in [Way.once, .twice] + Self.seeds.map(Way.atMoments) {
                for (scenario, whole) in zip(scenarios, whole) {
                    try await kill(way, scenario, on: stage, comparing: whole)
                }
            }
        }
    }

    private func kill(_ way: Way, _ scenario: Scenario, on stage: Stage, comparing whole: Stage.Play) async throws {
        var (missed, problems): ([String], [String]) = ([], [])
        let series = Self.deaths(way, scenario, whole)
        for deaths in series {
            let play = try await stage.play(scenario, deaths)
            let name = deaths.map(\.description).joined(separator: ", then ")
            if !play.died { missed.append(name) }
            if !play.outcome.isLike(whole.outcome) { problems.append("\(name): \(play.outcome)") }
        }
        print(
            "\(scenario): killed \(way): \(series.count) runs, \(problems.count) differ, "
                + "\(missed.count) had ended before \(missed)")
        #expect(problems.isEmpty, "\(scenario), without a kill: \(whole.outcome)")
    }

    private enum Way: CustomStringConvertible {
        case once, twice
        case atMoments(UInt64)

        var seed: UInt64 {
            switch self {
            case .once, .twice: CrashTests.seeds[0]
            case .atMoments(let seed): seed
            }
        }

        var description: String {
            switch self {
            case .once: "at a point (seed \(seed))"
            case .twice: "at a point, and at one of the next life (seed \(seed))"
            case .atMoments: "at a random moment (seed \(seed))"
            }
        }
    }

    /// How the server dies, run for run.
    private static func deaths(_ way: Way, _ scenario: Scenario, _ whole: Stage.Play) -> [[Death]] {
        // Other points in each kind of work.
        var random = SeededGenerator(seed: scenario.name.utf8.reduce(way.seed) { $0 &* 31 &+ UInt64($1) })
        let points = whole.points
        switch way {
        case .once: return points.indices.sample(of: isLong ? points.count : 2, &random).map { [.at(points[$0])] }
        case .twice:
            return points.indices.sample(of: isLong ? points.count / 2 : 1, &random).map { index in
                // The first points of a life are those of its recovery; then come those that were left.
                let last = min(12, points.count - index + 2)
                return [.at(points[index]), .atPoint(Int.random(in: 1...last, using: &random))]
            }
        case .atMoments:
            return (1...(isLong ? 4 : 1)).map { _ in
                [.after(whole.lasted * Double.random(in: 0...1, using: &random))]
            }
        }
    }

    private static let isLong = ProcessInfo.processInfo.environment["SLIPWAY_CRASH"] == "long"

    private static let seeds: [UInt64] =
        ProcessInfo.processInfo.environment["SLIPWAY_SEED"].flatMap(UInt64.init).map { [$0] }
        ?? (1...(isLong ? 5 : 1)).map { _ in UInt64.random(in: 1...999_999) }
}

extension Range<Int> {
    /// Some, in their order.
    fileprivate func sample(of count: Int, _ random: inout SeededGenerator) -> [Int] {
        shuffled(using: &random).prefix(count).sorted()
    }
}

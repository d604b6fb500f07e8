import Foundation
import TestSupport
import Testing

/// The real server, killed while it works, and started again: what happened to the world must be what happens without
/// a kill, each effect once, and what was answered is not lost.
///
/// `SLIPWAY_CRASH=long` (`make crash`) kills at every point of the journal, and at 40 random moments for each of several
/// seeds; else at some of them, others each day. `SLIPWAY_SEED` repeats a run.
@Suite(.timeLimit(.minutes(120)))
struct CrashTests {
    @Test(arguments: Scenario.all)
    func `a kill changes nothing that anybody sees`(scenarios: [Scenario]) async throws {
        try await Stage.with { stage in
            var known: Set = ["phase"]
            for scenario in scenarios {
                // The first release of an app also scales it.
                if known.insert(scenario.target).inserted { _ = try await stage.play(scenario) }
                let whole = try await stage.play(scenario)
                print("\(scenario): \(whole.points.count) points\n  \(whole.points.joined(separator: "\n  "))")
                print("\(scenario): without a kill \(whole.outcome); in \(whole.lasted)")
                for (what, series) in Self.series(whole) {
                    try await kill(scenario, what, series, on: stage, expecting: whole.outcome)
                }
            }
        }
    }

    private func kill(
        _ scenario: Scenario, _ what: String, _ series: [[Death]], on stage: Stage, expecting expected: Outcome
    ) async throws {
        var (missed, problems): ([String], [String]) = ([], [])
        for deaths in series {
            let play = try await stage.play(scenario, deaths)
            let name = deaths.map(\.description).joined(separator: ", then ")
            if !play.died { missed.append(name) }
            if play.outcome != expected { problems.append("\(name): \(play.outcome)") }
        }
        print(
            "\(scenario): killed \(what): \(series.count) runs, \(problems.count) differ, "
                + "\(missed.count) had ended before \(missed)")
        #expect(problems.isEmpty, "\(scenario), expected: \(expected)")
    }

    /// How the server dies, run for run.
    private static func series(_ whole: Stage.Play) -> [(String, [[Death]])] {
        var random = SeededGenerator(seed: seeds[0])
        let (once, twice) =
            isLong
            ? (whole.points, whole.points)
            : (whole.points.sample(of: 2, &random), whole.points.sample(of: 1, &random))
        let count = isLong ? (40 / Scenario.all.joined().count) + 1 : 1
        let moments = seeds.map { seed in
            var random = SeededGenerator(seed: seed)
            let deaths = (1...count).map { _ in
                [Death.after(whole.lasted * Double.random(in: 0...1, using: &random))]
            }
            return ("at a random moment (seed \(seed))", deaths)
        }
        return [
            ("at a point (seed \(seeds[0]))", once.map { [.at($0)] }),
            // The first points of a life are those of its recovery.
            (
                "at a point, and at one of the next life (seed \(seeds[0]))",
                twice.map { [.at($0), .atPoint(Int.random(in: 1...12, using: &random))] }
            ),
        ] + moments
    }

    private static let isLong = ProcessInfo.processInfo.environment["SLIPWAY_CRASH"] == "long"

    private static let seeds: [UInt64] =
        ProcessInfo.processInfo.environment["SLIPWAY_SEED"].flatMap(UInt64.init).map { [$0] }
        ?? (0..<(isLong ? 5 : 1)).map { UInt64(Date.now.timeIntervalSince1970 / 86_400) + $0 }
}

extension [String] {
    /// Some, in their order.
    fileprivate func sample(of count: Int, _ random: inout SeededGenerator) -> [String] {
        let chosen = Set(indices.shuffled(using: &random).prefix(count))
        return indices.filter(chosen.contains).map { self[$0] }
    }
}

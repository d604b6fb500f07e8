import Foundation
import TestPlatforms
import Testing

@testable import SlipwayDeploy

/// Nothing is called live that does not run, and no promotion brings what was rolled back, whatever others do on Heroku.
struct LiveScheduleTests {
    /// `SLIPWAY_SEED` asks for one alone.
    @Test func `what is live is what runs, whoever acts on Heroku between two steps`() async throws {
        var seeds: ClosedRange<UInt64> = 1...500
        if let seed = ProcessInfo.processInfo.environment["SLIPWAY_SEED"].flatMap(UInt64.init) { seeds = seed...seed }
        var figures = LiveSchedule.Figures()
        for seed in seeds {
            let stage = ModelStage(HerokuModel(showsArtifacts: seed % 2 == 0, keepsNewest: seed % 4 < 2))
            let schedule = try await LiveSchedule(stage, seed: seed)
            try await schedule.run(acts: 8)
            await figures += schedule.figures
            let broken = await schedule.broken
            guard broken.isEmpty else {
                Issue.record("SLIPWAY_SEED=\(seed): \(broken.joined(separator: "\n"))")
                break
            }
        }
        print(
            "\(seeds.count) schedules: \(figures.jobs) jobs, \(figures.succeeded) succeeded, others acted "
                + "\(figures.disturbances) times")
        #expect(figures.succeeded > seeds.count && figures.disturbances > seeds.count)
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestSupport

@testable import SlipwayDeploy

/// One schedule of pushes, promotions and rollbacks, between any two steps of which somebody acts on the platform itself:
/// by Slipway's own steps and rules, over the real store.
package actor LiveSchedule {
    private let stage: any SharedStage
    private let store: SQLiteStore
    private let source: Target
    private let goal: Target
    private var generator: SeededGenerator
    private var texts: [CommitID: String] = [:]
    private var images: [CommitID: BuiltImage] = [:]
    /// Whether what is released comes from the other target.
    private var isPromoting = false
    /// Places at which a release has failed: what a change of the configuration keeps there may not be known.
    private var unsure: Set<String> = []
    private var history: [String] = []
    /// The promises that did not hold.
    package private(set) var broken: [String] = []
    package private(set) var figures = Figures()

    package struct Figures: Sendable {
        package var jobs = 0
        package var succeeded = 0
        package var disturbances = 0

        package init() {}

        package static func += (sum: inout Figures, more: Figures) {
            sum.jobs += more.jobs
            sum.succeeded += more.succeeded
            sum.disturbances += more.disturbances
        }
    }

    package init(_ stage: any SharedStage, seed: UInt64) async throws {
        self.stage = stage
        store = try SQLiteStore.inMemory(feed: Feed())
        generator = SeededGenerator(seed: seed)
        source = Target(name: "staging", place: try await stage.newPlace())
        goal = Target(name: "production", place: try await stage.newPlace(), promote: source.name)
    }

    package func run(acts: Int) async throws {
        try await push()
        for _ in 0..<acts where broken.isEmpty {
            switch Int.random(in: 0...9, using: &generator) {
            case 0...2: try await push()
            case 3...5: try await promote()
            case 6: try await rollBack(source)
            case 7: try await rollBack(goal)
            case 8: try await deployAgain()
            default: try await disturb(always: true)
            }
            for target in [source, goal] { try await check(target) }
        }
        try await store.close()
    }

    private func demand(_ holds: Bool, _ promise: String) {
        if !holds { broken.append("\(promise); after \(history.joined(separator: ", "))") }
    }

    // MARK: What Slipway is asked for

    private func push() async throws {
        let number = texts.count + 1
        guard let commit = CommitID(String(repeating: "0", count: 36) + String(format: "%04x", number)) else { return }
        let image = try await stage.image("image \(number)", of: commit)
        (texts[commit], images[commit]) = ("image \(number)", image)
        var target = source
        let kind = Int.random(in: 0...9, using: &generator)
        if kind == 0 { (target.health.status, target.health.within) = (418, .milliseconds(1)) }
        if kind == 1, try await stage.failNextRelease(at: source.place) { unsure.insert(source.name) }
        try await play("push \(number)", .push, at: target, of: image)
    }

    private func promote() async throws {
        let nothing = BuiltImage(commit: texts.keys.first ?? images.keys.first!, id: "")
        isPromoting = true
        defer { isPromoting = false }
        try await play("promote", .deploy, at: goal, of: nothing)
    }

    private func rollBack(_ target: Target) async throws {
        _ = try await look(at: target)
        guard let release = try await store.wayBack(app: Self.app, target: target, at: .now()) else { return }
        let answer = try await stage.facts(of: target.place).answer
        demand(
            texts[release.commit] != answer || unsure.contains(target.name),
            "\(target.name) is rolled back to what runs there")
        let image = BuiltImage(commit: release.commit, id: release.image)
        try await play("roll back \(target.name)", .rollback, at: target, of: image, to: release)
    }

    private func deployAgain() async throws {
        guard let live = try await look(at: source).live?.release, let image = images[live.commit] else { return }
        let answer = try await stage.facts(of: source.place).answer
        demand(texts[live.commit] == answer || unsure.contains(source.name), "what is deployed again is not what runs")
        try await play("deploy again", .deploy, at: source, of: image)
    }

    private func play(
        _ what: String, _ kind: Trigger.Kind, at target: Target, of image: BuiltImage, to release: Release? = nil
    ) async throws {
        history.append(what)
        let guid = UUID().uuidString
        let trigger =
            release.map { Trigger.rollback(to: $0, delivery: guid, by: nil) }
            ?? Trigger(kind: kind, ref: "refs/heads/main", delivery: guid, by: nil)
        let plan = Plan(app: Self.app, target: target.name, trigger: trigger, commit: Commit(id: image.commit))
        let events = StepEvents { [self] in
            try await releases($1, at: $0)
        } ended: { [self] in
            try await ended($0)
        }
        let job = try await PlayedJob(
            plan, of: image, at: target, beside: target.name == goal.name ? [source] : [],
            on: DisturbedStage(stage: stage, events: events), store)
        figures.jobs += 1
        do {
            let products = try await job.play()
            figures.succeeded += 1
            let answer = try await stage.facts(of: target.place).answer
            demand(
                try texts[products.published.commit] == answer || unsure.contains(target.name),
                "job \(job.job.id) succeeded, and \(answer ?? "nothing") runs at \(target.name)")
        } catch let failure as JobFailure {
            history.append("failed: \(failure.reason)")
        }
        // A rollback pauses its target.
        _ = try await store.resume(app: Self.app, target: target.name)
    }

    // MARK: What others do

    private func ended(_ step: Step.Name) async throws {
        history.append("\(step)")
        try await disturb(always: false)
    }

    private func disturb(always: Bool) async throws {
        guard always || generator.chance(25) else { return }
        let target = Bool.random(using: &generator) ? source : goal
        let act: Disturbance =
            Bool.random(using: &generator) ? .setConfig : .rollBack(steps: Int.random(in: 1...3, using: &generator))
        figures.disturbances += 1
        history.append("\(act) at \(target.name)")
        try await stage.disturb(target.place, act)
    }

    private func releases(_ image: PublishedImage, at target: Target) async throws {
        guard isPromoting else { return }
        let answer = try await stage.facts(of: source.place).answer
        demand(
            texts[image.commit] == answer,
            "\(texts[image.commit] ?? "something unknown") is promoted, and \(answer ?? "nothing") runs at \(source.name)"
        )
    }

    // MARK: What is said

    private func look(at target: Target) async throws -> Standing {
        var configuration = stage.configuration
        configuration.apps = [
            App(name: Self.app, repository: "owner/\(Self.app)", cloneURL: "file:///nowhere", targets: [source, goal])
        ]
        return try await PlatformLook(Platforms([stage.kind]), store, stage.logger)
            .look(at: target, of: Self.app, configuration, insists: true)
    }

    private func check(_ target: Target) async throws {
        let standing = try await look(at: target)
        let answer = try await stage.facts(of: target.place).answer
        guard let live = standing.live else {
            return demand(answer == nil, "\(target.name) is \(standing.state), and \(answer ?? "") runs")
        }
        let said = live.release.flatMap { texts[$0.commit] }
        if said == nil, unsure.contains(target.name) { return }
        demand(
            said == answer, "\(said ?? "something unknown") is live at \(target.name), and \(answer ?? "nothing") runs")
    }

    private static let app = "my_app"
}

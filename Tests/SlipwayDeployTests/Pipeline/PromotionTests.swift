import SlipwayCore
import SlipwayHeroku
import Testing

@testable import SlipwayDeploy

/// What is live at one target, deployed to another.
struct PromotionTests {
    @Test func `a promotion that nobody asked for does not go back, whatever has caused it`() async throws {
        let bench = try await Bench { app in
            app.targets.append(Target(name: "production", place: .heroku(Parts.herokuApp()), promote: "homolog"))
        }
        let one = try await bench.commit()
        _ = try await bench.run(Samples.plan(.deploy, target: "homolog", commit: one))
        let two = try await bench.repository.commit("two", files: ["file": "2"])
        _ = try await bench.run(Samples.plan(.deploy, target: "homolog", commit: two))
        let promoted = try await bench.run(Samples.plan(target: "production", commit: two))
        #expect(promoted.state == .succeeded, "\(promoted.reason ?? "")")
        _ = try await bench.run(Samples.plan(.deploy, target: "homolog", commit: one))
        // A push that no job has deployed there, so that it joins none.
        let back = try await bench.run(Samples.plan(target: "production", commit: one))
        #expect(back.state == .superseded && back.successor == promoted.id, "\(back.reason ?? "")")
        #expect(back.reason?.hasPrefix("\(one.short) is older than \(two.short)") == true)
    }

    @Test func `promotes the image that is live elsewhere, also when it is gone from this engine`() async throws {
        let production = Parts.herokuApp()
        let bench = try await Bench { app in
            app.targets.append(Target(name: "production", place: .heroku(production), promote: "homolog"))
        }
        let nothing = try await bench.run(Samples.plan(target: "production", commit: nil))
        #expect(nothing.reason == "push: nothing is live at homolog yet; deploy there first, then promote")
        let commit = try await bench.commit()
        _ = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        let image = try #require(try await bench.store.releases().first?.image)
        let promoted = try await bench.run(Samples.plan(target: "production", ref: "refs/tags/v1", commit: nil))
        #expect(
            bench.summary(promoted) == "push:succeeded release:succeeded verify:succeeded", "\(promoted.reason ?? "")")
        #expect(promoted.plan.commit.id == commit && promoted.plan.commit.message == "one")
        #expect(try await bench.store.releases().last?.image == image)
        let twice = try await bench.run(Samples.plan(.release, target: "production", ref: "refs/tags/v1", commit: nil))
        #expect(twice.state == .superseded && twice.successor == promoted.id, "\(twice.reason ?? "")")
        _ = try await bench.parts.run("rmi", "--force", image)
        let again = try await bench.run(Samples.plan(.deploy, target: "production", ref: "refs/tags/v1", commit: nil))
        #expect(again.state == .succeeded, "\(again.reason ?? "")")
        #expect(bench.book.text(.push).contains("no longer on this engine; pulling"))
    }
}

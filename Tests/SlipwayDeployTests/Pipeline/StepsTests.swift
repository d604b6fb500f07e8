import SlipwayCore
import Testing

@testable import SlipwayDeploy

struct StepsTests {
    @Test func `a step's own limit is a backstop behind those of Heroku's, which say more`() {
        let heroku = HerokuLimits()
        let longest = heroku.releaseTime + heroku.restartTime + heroku.dynosTime
        // Each of the calls between may also wait for the rate limit to fill up again.
        let rateLimit = heroku.rateLimitPause + heroku.longestRateLimitPause * 2
        #expect(StepLimits().release > longest + rateLimit)
        #expect(StepLimits().slack > heroku.prebootTime + heroku.releaseTime + heroku.restartTime + rateLimit)
    }

    private func steps(
        target: String?, test: Bool = false, migrate: Migration.Way? = nil, promote: String? = nil,
        kind: Trigger.Kind = .push
    ) -> String {
        var app = App(name: "my_app", repository: "o/my_app", cloneURL: "file:///r")
        if test { app.test = TestRecipe(image: "i", run: "true") }
        let migration = migrate.map { Migration(command: "m", run: $0) }
        app.targets = [Target(name: "homolog", herokuApp: "h", migrate: migration, promote: promote)]
        let configuration = Samples.configuration(data: "/d", apps: [app])
        var plan = Samples.plan(target: target)
        plan.trigger.kind = kind
        return Pipeline.steps(for: plan, in: configuration).map(\.rawValue).joined(separator: " ")
    }

    @Test func `are those of the plan's target, in the order they run`() {
        #expect(steps(target: nil, test: true) == "checkout test")
        #expect(steps(target: "homolog") == "checkout build push release verify")
        #expect(steps(target: "homolog", test: true) == "checkout test build push release verify")
        #expect(steps(target: "homolog", migrate: .releasePhase) == "checkout build push migrate release verify")
        #expect(
            steps(target: "homolog", migrate: .oneOff(type: nil, size: nil))
                == "checkout build push release migrate verify")
        #expect(steps(target: "homolog", test: true, promote: "other") == "push release verify")
        #expect(steps(target: "homolog", migrate: .releasePhase, promote: "other") == "push migrate release verify")
        for way in [Migration.Way.releasePhase, .oneOff(type: nil, size: nil)] {
            #expect(steps(target: "homolog", test: true, migrate: way, kind: .rollback) == "push release verify")
        }
    }

    @Test func `are none for what is no longer configured`() {
        #expect(steps(target: "gone") == "")
    }
}

import SlipwayCore
import SlipwayHeroku
import Testing

@testable import SlipwayDeploy

struct StepsTests {
    private func steps(
        target: String?, test: Bool = false, migrate: Migration.Way? = nil, promote: String? = nil,
        kind: Trigger.Kind = .push
    ) -> String {
        var app = App(name: "my_app", repository: "o/my_app", cloneURL: "file:///r")
        if test { app.test = TestRecipe(image: "i", run: "true") }
        let migration = migrate.map { Migration(command: "m", run: $0) }
        app.targets = [Target(name: "homolog", place: .heroku("h"), migrate: migration, promote: promote)]
        let configuration = Samples.configuration(data: "/d", apps: [app])
        var plan = Samples.plan(target: target)
        plan.trigger.kind = kind
        return JobCourse.steps(
            of: plan, in: configuration, on: Platforms([Heroku(userAgent: "test")])
        ).map(\.rawValue).joined(separator: " ")
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

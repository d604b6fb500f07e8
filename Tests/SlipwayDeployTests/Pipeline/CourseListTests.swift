import SlipwayBase
import SlipwayCore
import SlipwayHeroku
import TestSamples
import Testing

@testable import SlipwayDeploy

/// The order of steps, which needs nothing but the description: `CourseTests` runs it.
struct CourseListTests {
    @Test(arguments: CourseKind.allCases)
    func `the queue lists the steps of each kind of job in their order`(kind: CourseKind) {
        var app = App(name: "my_app", repository: "owner/my_app", cloneURL: "file:///nowhere")
        app.targets = [Target(name: "homolog", place: .heroku("my-app"))]
        kind.change(&app)
        let configuration = Samples.configuration(data: "/nowhere", apps: [app])
        let plan: Plan =
            switch kind {
            case .tests: Samples.plan(target: nil)
            case .promotion: Samples.plan(target: "production")
            case .rollback:
                .rollback(to: .sample(app.name, "homolog"))
            default: Samples.plan(target: "homolog")
            }
        #expect(JobCourse.steps(of: plan, in: configuration, on: Platforms([ScriptedPlatform()])) == kind.steps)
    }
}

/// What a job may be for, as far as its steps differ.
enum CourseKind: CaseIterable {
    case tests, untested, tested, releasePhase, oneOff, promotion, rollback

    var steps: [Step.Name] {
        switch self {
        case .tests: [.checkout, .test]
        case .untested: [.checkout, .build, .push, .release, .verify]
        case .tested: [.checkout, .test, .build, .push, .release, .verify]
        case .releasePhase: [.checkout, .build, .push, .migrate, .release, .verify]
        case .oneOff: [.checkout, .build, .push, .release, .migrate, .verify]
        case .promotion, .rollback: [.push, .release, .verify]
        }
    }

    func change(_ app: inout App) {
        if self == .tests || self == .tested { app.test = TestRecipe(image: Parts.image, run: "true") }
        if self == .releasePhase { app.targets[0].migrate = Migration(command: "m", run: .releasePhase) }
        if self == .oneOff { app.targets[0].migrate = Migration(command: "m", run: .oneOff(type: nil, size: nil)) }
        if self == .promotion {
            app.targets.append(
                Target(name: "production", place: .heroku(Parts.herokuApp()), promote: app.targets[0].name))
        }
    }
}

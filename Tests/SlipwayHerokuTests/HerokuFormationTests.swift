import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

struct HerokuFormationTests {
    private func dyno(_ name: String, _ version: Int?, _ state: String) -> DynoResource {
        DynoResource(
            id: name, name: name, type: String(name.prefix { $0 != "." }), state: state,
            release: version.map { .init(version: $0) })
    }

    private func verdict(_ dynos: [DynoResource], web: Int = 1, worker: Int = 0) -> FormationView.Verdict {
        FormationView(
            formation: [
                .init(type: "web", quantity: web), .init(type: "worker", quantity: worker),
                .init(type: "release", quantity: 0),
            ], dynos: dynos, version: 8
        ).verdict()
    }

    @Test func `is ready when every dyno is up on the version or a later one`() {
        #expect(verdict([dyno("web.1", 8, "up"), dyno("worker.1", 9, "up")], worker: 1) == .ready)
    }

    @Test func `waits for a dyno of the old version, one that starts, and one that is missing`() {
        #expect(verdict([dyno("web.1", 7, "up")]) != .ready)
        #expect(verdict([dyno("web.1", 8, "starting")]) == .waiting("web.1 starting"))
        #expect(verdict([dyno("web.1", 8, "up")], web: 2) == .waiting("1 of 2 web dynos are there"))
        #expect(verdict([dyno("web.1", nil, "up")]) != .ready)
    }

    @Test func `one-offs are not waited for, whatever their type`() {
        #expect(
            verdict([
                dyno("web.1", 8, "up"), dyno("run.5", 7, "up"), dyno("release.9", 8, "up"),
            ]) == .ready)
        #expect(
            verdict([dyno("web.1", 8, "up"), dyno("worker.1", 8, "up"), dyno("worker.5180", 7, "up")], worker: 1)
                == .ready)
    }

    @Test func `a crash on the new version is one, on the old one not`() {
        #expect(verdict([dyno("web.1", 8, "crashed")]) == .crashed("web.1"))
        #expect(verdict([dyno("web.1", 7, "crashed")]) == .waiting("web.1 still on v7, 0 of 1 web dynos are there"))
    }

    @Test func `an app scaled to nothing has nothing to wait for`() {
        #expect(verdict([], web: 0) == .empty)
    }
}

import SlipwayBase
import SlipwayCore
import Testing

struct StandingTests {
    private let place = Place(platform: "heroku", name: "shop")
    private let now = Timestamp(milliseconds: 1_000_000)

    private func release(_ job: JobID) throws -> Release {
        Release(
            app: "shop", target: "s", job: job,
            commit: try #require(CommitID(String(repeating: "\(job % 10)", count: 40))),
            image: "sha256:\(job)", version: Int(job), since: Timestamp(milliseconds: 5000))
    }

    private func running(trouble: String? = nil) -> Sighting.Answer {
        .running(
            Sighting.Running(
                version: 9, origin: "r9", since: Timestamp(milliseconds: 7000), words: "Rollback to v7",
                clues: [.release("r9")], trouble: trouble))
    }

    private func facts(
        _ answer: Sighting.Answer?, age: Duration = .zero, lastGood: Release? = nil, known: Standing.Known? = nil,
        isOwn: Bool = false, running: JobID? = nil, lastFailed: Bool? = nil
    ) -> Standing.Facts {
        Standing.Facts(
            lastGood: lastGood, sighting: answer.map { Sighting(at: now - age, of: place, $0) }, known: known,
            isOwn: isOwn, running: running, lastAttempt: lastFailed.map { Standing.Attempt(job: 3, failed: $0) })
    }

    @Test func `what the platform runs is live, whatever was recorded last`() throws {
        let standing = Standing(
            facts(running(), lastGood: try release(2), known: Standing.Known(try release(1))), at: now)
        #expect(standing.state == .live)
        let live = try #require(standing.live)
        #expect(live.release?.job == 1 && live.version == 9 && !live.isOwn)
        #expect(live.since == Timestamp(milliseconds: 7000))
        #expect(standing.lastGood?.job == 2)
    }

    @Test func `what Slipway has brought runs since its job recorded it`() throws {
        let standing = Standing(facts(running(), known: Standing.Known(try release(1)), isOwn: true), at: now)
        #expect(standing.live?.since == Timestamp(milliseconds: 5000))
        #expect(standing.live?.isOwn == true)
    }

    @Test func `what nobody knows runs all the same, and has no record`() throws {
        let standing = Standing(facts(running(), lastGood: try release(2)), at: now)
        #expect(standing.state == .live)
        #expect(standing.live != nil && standing.live?.release == nil)
    }

    @Test func `each state`() throws {
        let good = Standing.Known(try release(1))
        let bad = Standing.Known(try release(1), trouble: .unverified(1))
        let table: [(Standing.Facts, Standing.State)] = [
            (facts(.nothing), .empty),
            (facts(.nothing, lastGood: try release(2)), .empty),
            (facts(.nothing, lastFailed: true), .empty),
            (facts(running(), known: good, lastFailed: false), .live),
            (facts(running(trouble: "the dyno web.1 crashed"), known: good), .down),
            (facts(running(trouble: "the dyno web.1 crashed")), .down),
            (facts(running(), known: bad, lastFailed: true), .down),
            (facts(running(), known: good, lastFailed: true), .behind),
            (facts(running(), lastFailed: true), .behind),
            (facts(running(), known: good, running: 4, lastFailed: true), .deploying),
            (facts(.nothing, running: 4), .deploying),
            (facts(nil, running: 4), .deploying),
            (facts(nil, lastGood: try release(2)), .unknown),
            (facts(running(), age: .seconds(599), known: good), .live),
            (facts(running(), age: .seconds(600), known: good), .unknown),
            (facts(.nothing, age: .seconds(600)), .unknown),
        ]
        for (index, (facts, state)) in table.enumerated() {
            #expect(Standing(facts, at: now).state == state, "line \(index)")
        }
    }

    @Test func `a platform that cannot be asked is as its records say`() throws {
        var doubted = try release(2)
        doubted.replacedBy = 3
        let table: [(Standing.Facts, Standing.State)] = [
            (facts(.cannotTell), .empty),
            (facts(.cannotTell, age: .seconds(86_400), lastGood: try release(2)), .live),
            (facts(.cannotTell, lastGood: try release(2), lastFailed: true), .behind),
            (facts(.cannotTell, lastGood: doubted, lastFailed: true), .unknown),
            (facts(.cannotTell, lastGood: try release(2), running: 4), .deploying),
        ]
        for (index, (facts, state)) in table.enumerated() {
            let standing = Standing(facts, at: now)
            #expect(standing.state == state, "line \(index)")
            #expect(standing.live?.release?.job == facts.lastGood?.job && standing.askedAt == nil, "line \(index)")
        }
    }

    // MARK: What depends on it

    private func promotion(_ facts: Standing.Facts) -> String {
        switch Promotion(from: "staging", Standing(facts, at: now)) {
        case .release(let release): "job \(release.job)"
        case .underWay(let job): "under way: \(job)"
        case .refused(let reason): reason
        }
    }

    @Test func `a promotion takes what runs and nothing else`() throws {
        #expect(promotion(facts(running(), lastGood: try release(2), known: Standing.Known(try release(1)))) == "job 1")
        #expect(promotion(facts(.cannotTell, lastGood: try release(2))) == "job 2")
        #expect(
            promotion(facts(running(), known: Standing.Known(try release(1), trouble: .underWay(1)), running: 1))
                == "under way: 1")
        #expect(promotion(facts(.nothing, lastGood: try release(2))).contains("nothing is live at staging"))
        #expect(promotion(facts(running(), lastGood: try release(2))).contains("not made by Slipway"))
        let crashed = facts(running(trouble: "the dyno web.1 crashed"), known: Standing.Known(try release(1)))
        #expect(promotion(crashed).contains("the dyno web.1 crashed"))
        let unverified = facts(running(), known: Standing.Known(try release(1), trouble: .unverified(1)))
        #expect(promotion(unverified).contains("did not pass its verification in job 1"))
    }

    @Test func `a rollback is needed unless its image runs well`() throws {
        let known = Standing.Known(try release(1))
        let live = Standing(facts(running(), lastGood: try release(2), known: known), at: now)
        #expect(try !live.needs(release(1)))
        #expect(try live.needs(release(2)), "it was rolled back at the platform")
        #expect(try Standing(facts(running(trouble: "it crashed"), known: known), at: now).needs(release(1)))
        #expect(try Standing(facts(running()), at: now).needs(release(1)))
        var doubted = try release(2)
        doubted.replacedBy = 3
        #expect(Standing(facts(nil, lastGood: doubted), at: now).needs(doubted))
        #expect(try !Standing(facts(nil, lastGood: release(2)), at: now).needs(release(2)))
    }
}

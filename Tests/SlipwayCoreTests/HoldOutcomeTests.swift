import SlipwayBase
import SlipwayCore
import Testing

/// What somebody is told who held jobs back or let them go.
struct HoldOutcomeTests {
    static let place = HoldOutcome.Place(app: "shop", target: "production")
    static let lock = TargetLock(by: "ana", since: .now(), reason: "moving the database")
    static let rollback = Pause(by: "ben", since: .now(), rollback: 7)

    static func holds(lock: Bool = false, pause: Bool = false, queue: Bool = false) -> Holds {
        var holds = Holds(queue: queue ? Pause(by: "ops", since: .now()) : nil)
        holds["shop", "production"] = Holds.OnTarget(lock: lock ? Self.lock : nil, pause: pause ? Self.rollback : nil)
        return holds
    }

    static let stillLocked =
        "it is still locked by ana: moving the database, so no job starts there; "
        + "POST /unlock/shop/production unlocks it"
    static let stillPaused =
        "it is still paused after the rollback by job 7, so only what is asked for by hand runs "
        + "there; POST /resume/shop/production lets its automatic jobs go on"
    static let queuePaused =
        "the whole queue is still paused by ops, so only what is asked for by hand runs; "
        + "POST /resume lets the others go on"

    @Test(
        arguments: [
            (.unlock, true, holds(), "shop/production is not locked"),
            (.unlock, false, holds(), "shop/production was not locked"),
            (.unlock, true, holds(pause: true), "shop/production is not locked; " + stillPaused),
            (
                .unlock, false, holds(pause: true, queue: true),
                "shop/production was not locked; \(stillPaused); \(queuePaused)"
            ),
            (.resume, true, holds(), "shop/production is not paused"),
            (.resume, false, holds(), "shop/production was not paused"),
            (.resume, true, holds(queue: true), "shop/production is not paused; " + queuePaused),
            (.resume, true, holds(lock: true), "shop/production is not paused; " + stillLocked),
            (
                .lock, true, holds(lock: true),
                "shop/production is locked by ana: moving the database; POST /unlock/shop/production unlocks it"
            ),
            (
                .lock, false, holds(lock: true),
                "shop/production was locked already by ana: moving the database; that lock stays"
            ),
            (
                .pause, true, holds(pause: true),
                "shop/production is paused after the rollback by job 7; POST /resume/shop/production lets its automatic "
                    + "jobs go on"
            ),
            (
                .pause, false, holds(pause: true),
                "shop/production was paused already after the rollback by job 7; that pause stays"
            ),
        ] as [(HoldOutcome.Change, Bool, Holds, String)])
    func `of a target`(change: HoldOutcome.Change, isNew: Bool, holds: Holds, sentence: String) {
        let outcome = HoldOutcome(change, of: Self.place, isNew: isNew)
        #expect(outcome.sentence(holds, namesRequests: true) == sentence)
        // A page has buttons instead.
        #expect(!outcome.sentence(holds, namesRequests: false).contains("POST"))
    }

    @Test(
        arguments: [
            (.resume, true, holds(), "the queue is not paused"),
            (.resume, false, holds(), "the queue was not paused"),
            (
                .resume, true, holds(lock: true, pause: true),
                "the queue is not paused; still held: shop/production (locked)"
            ),
            (.resume, true, holds(pause: true), "the queue is not paused; still held: shop/production (paused)"),
            (
                .pause, true, holds(queue: true),
                "the queue is paused by ops, so only what is asked for by hand runs; POST /resume lets the others go on"
            ),
            (.pause, false, holds(queue: true), "the queue was paused already by ops; that pause stays"),
        ] as [(HoldOutcome.Change, Bool, Holds, String)])
    func `of the queue`(change: HoldOutcome.Change, isNew: Bool, holds: Holds, sentence: String) {
        #expect(HoldOutcome(change, of: nil, isNew: isNew).sentence(holds, namesRequests: true) == sentence)
    }

    @Test func `names a few of many targets that are still held`() {
        var holds = Holds()
        for number in 1...8 { holds["shop", "t\(number)"].pause = Self.rollback }
        #expect(
            HoldOutcome(.resume, of: nil, isNew: true).sentence(holds, namesRequests: true)
                == "the queue is not paused; still held: shop/t1 (paused), shop/t2 (paused), shop/t3 (paused), "
                + "shop/t4 (paused), shop/t5 (paused) and 3 more")
    }

    @Test func `a page's address says it and no more`() throws {
        for outcome in [
            HoldOutcome(.unlock, of: Self.place, isNew: true), HoldOutcome(.resume, of: nil, isNew: false),
        ] {
            let pairs = outcome.query.split(separator: "&").map { $0.split(separator: "=").map(String.init) }
            let query = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
            #expect(HoldOutcome { query[$0] } == outcome)
        }
        for query in [
            [:], ["done": "sold"], ["done": "unlock", "at": "shop"], ["done": "unlock", "at": "shop/<b>"],
            ["done": "unlock", "at": "a/b/c"],
        ] { #expect(HoldOutcome { query[$0] } == nil) }
    }
}

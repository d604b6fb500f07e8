import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

struct HoldsTests {
    private let now = Timestamp(milliseconds: 0)

    private func held(_ change: (inout Holds.OnTarget) -> Void, queue: Pause? = nil) -> Holds {
        var holds = Holds(queue: queue)
        change(&holds["shop", "production"])
        return holds
    }

    @Test func `a lock holds back every job of its target and says whose it is`() {
        let holds = held { $0.lock = TargetLock(by: "ana", since: now, reason: "moving\nthe database") }
        for priority in [Priority.deploy, .manual, .rollback] {
            #expect(
                holds.reason(app: "shop", target: "production", priority: priority)
                    == "the target is locked by ana: moving\\nthe database")
        }
        #expect(holds.reason(app: "shop", target: "homolog", priority: .deploy) == nil)
        #expect(holds.reason(app: "blog", target: "production", priority: .deploy) == nil)
        #expect(holds.reason(app: "shop", target: nil, priority: .test) == nil)
    }

    @Test func `a pause holds back what nobody asked for by hand`() {
        let asked = held { $0.pause = Pause(by: "ana", since: now) }
        #expect(asked.reason(app: "shop", target: "production", priority: .deploy) == "the target is paused by ana")
        #expect(asked.reason(app: "shop", target: "production", priority: .manual) == nil)
        #expect(asked.reason(app: "shop", target: "production", priority: .rollback) == nil)
        let rolledBack = held { $0.pause = Pause(by: "ana", since: now, rollback: 7) }
        #expect(
            rolledBack.reason(app: "shop", target: "production", priority: .deploy)
                == "the target is paused after the rollback by job 7")
        let queue = Holds(queue: Pause(by: "ops", since: now))
        #expect(queue.reason(app: "shop", target: nil, priority: .test) == "the queue is paused by ops")
        #expect(queue.reason(app: "shop", target: "production", priority: .deploy) == "the queue is paused by ops")
        #expect(queue.reason(app: "shop", target: "production", priority: .manual) == nil)
    }

    @Test func `what a person can end is named before what ends by itself`() {
        let busy = held { $0.running = 42 }
        #expect(
            busy.reason(app: "shop", target: "production", priority: .manual) == "job 42 is running at the target")
        let all = held(
            {
                $0.running = 42
                $0.pause = Pause(by: "ana", since: now)
            }, queue: Pause(by: "ops", since: now))
        #expect(all.reason(app: "shop", target: "production", priority: .deploy) == "the target is paused by ana")
    }

    @Test func `a job that nothing else holds waits for a slot, if others run`() {
        var holds = Holds()
        #expect(holds.reason(app: "shop", target: "production", priority: .deploy) == nil)
        holds.running = [42]
        for target in ["production", nil] {
            #expect(
                holds.reason(app: "shop", target: target, priority: .deploy)
                    == "it waits for a free slot: job 42 is running")
        }
        holds.running.append(43)
        #expect(
            holds.reason(app: "shop", target: nil, priority: .test) == "it waits for a free slot: 2 jobs are running")
        holds["shop", "production"].running = 43
        #expect(
            holds.reason(app: "shop", target: "production", priority: .deploy) == "job 43 is running at the target")
    }

    @Test func `only a rollback names the job whose release it deploys again`() {
        let trigger = Trigger.rollback(to: .sample(job: 12), delivery: "d", by: "ana")
        #expect(trigger.ref == "job 12" && trigger.releasingJob == 12)
        #expect(Trigger(kind: .deploy, ref: "job 12", delivery: "d", by: nil).releasingJob == nil)
        #expect(Trigger(kind: .rollback, ref: "job x", delivery: "d", by: nil).releasingJob == nil)
    }
}

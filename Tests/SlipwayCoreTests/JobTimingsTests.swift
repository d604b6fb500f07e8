import Foundation
import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

struct JobTimingsTests {
    private func time(_ seconds: Double) -> Timestamp { Timestamp(milliseconds: Int64(seconds * 1000)) }

    private func job(_ id: JobID, _ state: Job.State, at created: Double, _ began: Double?, _ ended: Double?) -> Job {
        var job = Job(id: id, plan: .sample(), state: state, createdAt: time(created))
        job.startedAt = began.map(time)
        job.finishedAt = ended.map(time)
        return job
    }

    @Test func `a job waits for the one before it at its target, as far as that is on record`() {
        let waiter = job(9, .succeeded, at: 10, 25, 60)
        let before = [
            // Both ended meanwhile; the second let it begin. The others had ended, or never ran.
            job(8, .failed, at: 2, 20, 25), job(7, .succeeded, at: 1, 2, 19), job(6, .succeeded, at: 0, 1, 9),
            job(5, .cancelled, at: 0, nil, 12), job(4, .running, at: 0, 1, nil),
        ]
        let timings = JobTimings(waiter, before: before, now: time(100))
        #expect(timings.waited == .seconds(15) && timings.took == .seconds(35))
        #expect(timings.waitedFor == "job 8, which ran for the same target")
        #expect(JobTimings(waiter, before: Array(before.dropFirst(2)), now: time(100)).waitedFor == nil)
    }

    @Test func `what goes on counts until now`() {
        var waiting = job(9, .queued, at: 10, nil, nil)
        waiting.reason = "the queue is paused by ana"
        let timings = JobTimings(waiting, before: [], now: time(22))
        #expect(timings.waited == .seconds(12) && timings.took == nil)
        #expect(timings.waitedFor == "the queue is paused by ana")
        var running = job(9, .running, at: 10, 12, nil)
        running.reason = "superseded by job 10 soon"
        running.steps = [
            Step(name: .checkout, state: .succeeded, startedAt: time(12), finishedAt: time(14.5)),
            Step(name: .build, state: .running, startedAt: time(15)), Step(name: .push, state: .waiting),
        ]
        let now = JobTimings(running, before: [], now: time(20))
        #expect(now.waited == .seconds(2) && now.took == .seconds(8) && now.waitedFor == nil)
        #expect(now.steps.map(\.took) == [.milliseconds(2500), .seconds(5), nil])
    }

    @Test func `a job that never began waited until its end`() {
        let timings = JobTimings(job(9, .superseded, at: 10, nil, 14), before: [], now: time(99))
        #expect(timings.waited == .seconds(4) && timings.took == nil && timings.waitedFor == nil)
    }

    @Test func `a clock that was set back takes no time`() {
        let timings = JobTimings(job(9, .succeeded, at: 10, 4, 3), before: [], now: time(99))
        #expect(timings.waited == .zero && timings.took == .zero)
    }

    @Test func `numbers say that they are seconds, and what is not there is null`() throws {
        var job = job(9, .running, at: 10, 11.25, nil)
        job.steps = [
            Step(name: .checkout, state: .running, startedAt: time(11.5)), Step(name: .build, state: .waiting),
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(
            decoding: try encoder.encode(JobTimings(job, before: [], now: time(12))), as: UTF8.self)
        #expect(
            text == #"{"steps":[{"name":"checkout","took_seconds":0.5},{"name":"build","took_seconds":null}],"#
                + #""took_seconds":0.75,"waited_for":null,"waited_seconds":1.25}"#)
    }
}

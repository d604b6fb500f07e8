import SlipwayBase
import SlipwayCore
import Synchronization

@testable import SlipwayDeploy

final class MemoryLogBook: LogBook {
    private let steps = Mutex<[Step.Name: [UInt8]]>([:])
    /// Follows what comes in: a test waits for a line instead of for time to pass.
    private let waiters = Mutex<[(text: String, step: Step.Name, continuation: CheckedContinuation<Void, Never>)]>([])

    func append(_ lines: [UInt8], job: JobID, step: Step.Name) async {
        steps.withLock { $0[step, default: []] += lines }
        wake()
    }

    func read(job: JobID, step: Step.Name?, from offset: Int, limit: Int) async throws -> [UInt8] {
        let text = steps.withLock { steps in step.map { steps[$0] ?? [] } ?? steps.values.flatMap { $0 } }
        return Array(text.dropFirst(offset).prefix(limit))
    }

    func size(job: JobID, step: Step.Name?) async throws -> Int {
        steps.withLock { $0.values.reduce(0) { $0 + $1.count } }
    }

    func text(_ step: Step.Name) -> String {
        String(decoding: steps.withLock { $0[step] ?? [] }, as: UTF8.self)
    }

    func waitFor(_ text: String, in step: Step.Name) async {
        await withCheckedContinuation { continuation in
            waiters.withLock { $0.append((text, step, continuation)) }
            wake()
        }
    }

    private func wake() {
        let ready = waiters.withLock { waiters in
            let isReady = { (waiter: (text: String, step: Step.Name, continuation: CheckedContinuation<Void, Never>)) in
                self.text(waiter.step).contains(waiter.text)
            }
            let ready = waiters.filter(isReady)
            waiters.removeAll(where: isReady)
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    func stepLog(_ step: Step.Name = .test, hiding secrets: [Secret] = []) -> StepLog {
        StepLog(book: self, job: 1, step: step, redactor: Redactor(secrets: secrets))
    }
}

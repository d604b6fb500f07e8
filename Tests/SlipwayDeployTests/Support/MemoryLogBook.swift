import SlipwayBase
import SlipwayCore
import Synchronization
import TestSupport

@testable import SlipwayDeploy

final class MemoryLogBook: LogBook {
    private let steps = Mutex<[Step.Name: [UInt8]]>([:])
    private let lineParts = Mutex<[Step.Name: [UInt8]]>([:])
    /// Lines of Slipway's own, with their newlines.
    private let own = Mutex<[String]>([])

    @discardableResult
    func append(_ lines: [UInt8], job: JobID, step: Step.Name, isOwn: Bool) async -> Int? {
        if isOwn { own.withLock { $0.append(String(decoding: lines, as: UTF8.self)) } }
        lineParts.withLock { $0[step] = nil }
        let offset = steps.withLock { steps in
            defer { steps[step, default: []] += lines }
            return steps[step]?.count ?? 0
        }
        return offset
    }

    func show(_ unfinished: [UInt8], job: JobID, step: Step.Name) async {
        lineParts.withLock { $0[step] = unfinished }
    }

    func unfinished(job: JobID, step: Step.Name?) async -> [UInt8] {
        lineParts.withLock { parts in step.map { parts[$0] ?? [] } ?? parts.values.first ?? [] }
    }

    func omitted(job: JobID, step: Step.Name?) async throws -> [Range<Int>] { [] }

    var ownLines: [String] { own.withLock { $0 } }

    func read(job: JobID, step: Step.Name?, from offset: Int, limit: Int) async throws -> LogPiece {
        let text = steps.withLock { steps in step.map { steps[$0] ?? [] } ?? steps.values.flatMap { $0 } }
        var piece = LogPiece(next: offset)
        piece.bytes = Array(text.dropFirst(offset).prefix(limit))
        piece.next += piece.bytes.count
        return piece
    }

    func size(job: JobID, step: Step.Name?) async throws -> Int {
        steps.withLock { $0.values.reduce(0) { $0 + $1.count } }
    }

    func text(_ step: Step.Name) -> String {
        String(decoding: steps.withLock { $0[step] ?? [] }, as: UTF8.self)
    }

    /// What is shown of the line without an end.
    func shown(_ step: Step.Name) -> String {
        String(decoding: lineParts.withLock { $0[step] ?? [] }, as: UTF8.self)
    }

    /// Until a line has it, even one without an end.
    func waitFor(_ text: String, in step: Step.Name) async throws {
        try await waitUntil("“\(text)” in \(step)") {
            self.text(step).contains(text) || shown(step).contains(text)
        }
    }

    func stepLog(_ step: Step.Name = .test, hiding secrets: [Secret] = []) -> StepLog {
        StepLog(book: self, job: 1, step: step, redactor: Redactor(secrets: secrets), pause: .zero)
    }
}

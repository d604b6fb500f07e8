import SlipwayBase
import SlipwayCore
import Synchronization

@testable import SlipwayDeploy

/// The log of one step as text.
final class RecordedLog: LogBook {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    @discardableResult
    func append(_ lines: [UInt8], job: JobID, step: Step.Name, isOwn: Bool) async -> Int? {
        bytes.withLock { bytes in
            defer { bytes += lines }
            return bytes.count
        }
    }

    func show(_ unfinished: [UInt8], job: JobID, step: Step.Name) async {}
    func unfinished(job: JobID, step: Step.Name?) async -> [UInt8] { [] }
    func read(job: JobID, step: Step.Name?, from offset: Int, limit: Int) async throws -> LogPiece {
        LogPiece(next: offset)
    }
    func omitted(job: JobID, step: Step.Name?) async throws -> [Range<Int>] { [] }
    func size(job: JobID, step: Step.Name?) async throws -> Int { 0 }
}

/// The journal of one job.
final class RecordedJournal: Journal {
    private let entries: Mutex<[Effect]>

    /// - Parameter earlier: of a server that was killed.
    init(_ earlier: [Effect] = []) {
        entries = Mutex(earlier)
    }

    var all: [Effect] { entries.withLock { $0 } }

    func begin(
        _ kind: Effect.Kind, of job: JobID, step: Step.Name, nonce: String, intent: String
    ) async throws -> EffectID {
        entries.withLock {
            let id = EffectID($0.count)
            $0.append(Effect(id: id, step: step, kind: kind, nonce: nonce, intent: intent))
            return id
        }
    }

    func effects(of job: JobID) async throws -> [Effect] { all }

    func end(_ effect: EffectID, outcome: String) async throws {
        entries.withLock { $0[Int(effect)].outcome = outcome }
    }
}

import SlipwayBase
import SlipwayCore
import Synchronization

@testable import SlipwayDeploy

/// The log of one step as text.
final class RecordedLog: LogBook {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    func append(_ lines: [UInt8], job: JobID, step: Step.Name) async { bytes.withLock { $0 += lines } }
    func read(job: JobID, step: Step.Name?, from offset: Int, limit: Int) async throws -> [UInt8] { [] }
    func size(job: JobID, step: Step.Name?) async throws -> Int { 0 }
}

/// The journal as lines: `begin kind | intent`, `end kind | outcome`.
final class RecordedJournal: Journal {
    struct Entry: Sendable {
        var kind: String
        var nonce: String
        var intent: String
        var outcome: String?
    }

    private let entries = Mutex<[Entry]>([])

    var all: [Entry] { entries.withLock { $0 } }

    func begin(_ kind: String, of job: JobID, step: Step.Name, nonce: String, intent: String) async throws -> EffectID {
        entries.withLock {
            $0.append(Entry(kind: kind, nonce: nonce, intent: intent))
            return EffectID($0.count - 1)
        }
    }

    func end(_ effect: EffectID, outcome: String) async throws {
        entries.withLock { $0[Int(effect)].outcome = outcome }
    }
}

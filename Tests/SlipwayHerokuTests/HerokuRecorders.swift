import SlipwayBase
import SlipwayCore
import Synchronization

@testable import SlipwayDeploy
@testable import SlipwayHeroku

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
    private let kept: Mutex<[JournalEntry]>

    /// - Parameter earlier: of a server that was killed.
    init(_ earlier: [Effect] = []) {
        kept = Mutex(
            earlier.enumerated().map { JournalEntry(id: EffectID($0), step: .release, effect: $1, begunAt: .now()) })
    }

    var all: [Effect] { entries.map(\.effect) }
    var entries: [JournalEntry] { kept.withLock { $0 } }

    func begin(_ effect: Effect, of job: JobID, step: Step.Name) async throws -> EffectID {
        kept.withLock {
            let id = EffectID($0.count)
            $0.append(JournalEntry(id: id, step: step, effect: effect, begunAt: .now()))
            return id
        }
    }

    func entries(of job: JobID) async throws -> [JournalEntry] { entries }

    func end(_ id: EffectID, as effect: Effect) async throws {
        kept.withLock { $0[Int(id)].effect = effect }
    }
}

/// Of platforms that publish nothing.
struct NoReleases: ReleaseStore {
    func image(app: String, commit: CommitID, recipe: String) async throws -> String? { nil }
    func record(image: String, app: String, commit: CommitID, recipe: String, job: JobID) async throws {}
    func record(_ release: Release) async throws {}
    func live(app: String, target: String) async throws -> Release? { nil }
    func release(by job: JobID, app: String, target: String) async throws -> Release? { nil }
    func ref(of job: JobID) async throws -> String? { nil }
    func jobThatDeployed(_ commit: CommitID, app: String, target: String) async throws -> JobID? { nil }
    func failedReleases(of image: String, app: String, target: String) async throws -> Int { 0 }
    func recordFailedRelease(of image: String, app: String, target: String, job: JobID) async throws {}
    func isMigrated(_ migrated: Migrated, app: String, target: String, before job: JobID) async throws -> Bool { false }
    func record(_ migrated: Migrated, app: String, target: String, job: JobID) async throws {}
}

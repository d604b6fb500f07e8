import Dispatch
import Foundation
import SlipwayBase
package import SlipwayCore

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// The log book as files: `logs/<job>/<step>.log`, readable by any tool, and an index of the order of arrival and of
/// whose lines they are. What is left out of a step's text is a hole in its file, and stands in `<step>.omitted`.
///
/// Files are written and read by blocking calls, so the actor runs on a queue of its own and not on the threads that
/// all tasks share. Nothing is synced: after a loss of power the end of a log may be missing, and is cut to a whole
/// line when the log is next opened.
package actor FileLogBook: LogBook, LogArchive {
    /// So many jobs have their files open, at most eight each.
    private static let mostOpen = 16

    private struct Place: Hashable {
        var job: JobID
        var step: Step.Name
    }

    private let folder: String
    private let feed: Feed
    private let bound: Int
    private let executor = QueueExecutor(queue: DispatchQueue(label: "slipway.logs"))
    private var open: [JobID: (log: JobLog, lastUse: UInt64)] = [:]
    private var uses: UInt64 = 0
    /// Lines that could not be written, until a note in their place could.
    private var missing: [Place: Int] = [:]
    private var unfinished: [Place: (line: [UInt8], use: UInt64)] = [:]

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - folder: the data folder; logs are in `logs/` in it.
    ///   - bound: so many bytes of a step's text are kept; a command that never stops printing is not to fill the disk.
    package init(folder: String, feed: Feed, bound: Int = 64 << 20) {
        self.folder = folder + "/logs"
        self.feed = feed
        self.bound = bound
    }

    @discardableResult
    package func append(_ lines: [UInt8], job: JobID, step: Step.Name, isOwn: Bool) async -> Int? {
        guard !lines.isEmpty else { return nil }
        let lines = lines.last == UInt8(ascii: "\n") ? lines : lines + [UInt8(ascii: "\n")]
        let place = Place(job: job, step: step)
        unfinished[place] = nil
        do {
            if let count = missing[place] {
                try write("\(count) line\(count == 1 ? " is" : "s are") missing here", place)
                missing[place] = nil
            }
            return try write(lines, place, isOwn: isOwn)
        } catch {
            if missing[place] == nil {
                // Often there is room for one line more: the rest of the file's last block.
                try? write("output is missing from here on: \(error.cause)", place)
            }
            missing[place, default: 0] += lines.count { $0 == UInt8(ascii: "\n") }
            return nil
        }
    }

    package func show(_ unfinished: [UInt8], job: JobID, step: Step.Name) async {
        uses += 1
        self.unfinished[Place(job: job, step: step)] = (unfinished, uses)
        _ = try? find(job, makes: false)
        feed.publish(.log(job, step, size: open[job]?.log.size(step) ?? 0))
    }

    package func unfinished(job: JobID, step: Step.Name?) async -> [UInt8] {
        if let step { return unfinished[Place(job: job, step: step)]?.line ?? [] }
        return unfinished.filter { $0.key.job == job }.values.max { $0.use < $1.use }?.line ?? []
    }

    package func read(job: JobID, step: Step.Name?, from offset: Int, limit: Int) async throws -> LogPiece {
        guard try find(job, makes: false), let log = open[job]?.log else { return LogPiece(next: max(0, offset)) }
        return try log.read(step, from: offset, limit: limit)
    }

    package func omitted(job: JobID, step: Step.Name?) async throws -> [Range<Int>] {
        guard try find(job, makes: false) else { return [] }
        return try open[job]?.log.omitted(step) ?? []
    }

    package func size(job: JobID, step: Step.Name?) async throws -> Int {
        guard try find(job, makes: false) else { return 0 }
        return open[job]?.log.size(step) ?? 0
    }

    /// The jobs that have a log.
    package func jobs() throws -> [JobID] {
        guard access(folder, F_OK) == 0 else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap(JobID.init)
    }

    package func remove(_ job: JobID) throws {
        open[job] = nil
        unfinished = unfinished.filter { $0.key.job != job }
        try FileManager.default.removeItem(atPath: "\(folder)/\(job)")
    }

    private func write(_ note: String, _ place: Place) throws(StoreError) {
        _ = try write(Array("slipway: \(note)\n".utf8), place, isOwn: true)
    }

    private func write(_ lines: [UInt8], _ place: Place, isOwn: Bool) throws(StoreError) -> Int {
        _ = try find(place.job, makes: true)
        let offset = open[place.job]?.log.size(place.step) ?? 0
        try open[place.job]?.log.append(lines, step: place.step, isOwn: isOwn)
        feed.publish(.log(place.job, place.step, size: open[place.job]?.log.size(place.step) ?? 0))
        return offset
    }

    /// Makes sure that the job's log is among the open ones, if it exists.
    private func find(_ job: JobID, makes: Bool) throws(StoreError) -> Bool {
        uses += 1
        if open[job] != nil {
            open[job]?.lastUse = uses
            return true
        }
        guard let log = try JobLog(folder: "\(folder)/\(job)", bound: bound, makes: makes) else { return false }
        if open.count >= Self.mostOpen, let oldest = open.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            open[oldest.key] = nil
        }
        open[job] = (log, uses)
        return true
    }
}

extension StoreError {
    /// Without paths: a log is read by more people than the server's own messages.
    fileprivate var cause: String {
        guard case .file(_, _, let code) = self else { return description }
        return String(cString: strerror(code))
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestLogs
import TestSupport
import Testing

/// A data folder of one test's own, removed with the value.
final class Bench: Sendable {
    private let temporary = TemporaryFolder.unmade()
    var folder: String { temporary.path }
    let feed = Feed()
    let log = LogRecorder()

    func open() async throws -> SQLiteStore {
        try await SQLiteStore.open(at: folder, feed: feed, logger: log.logger)
    }

    func file(_ name: String) -> URL { URL(filePath: folder).appending(path: name) }
}

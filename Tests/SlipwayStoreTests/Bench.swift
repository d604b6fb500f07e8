import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestLogs
import Testing

/// A data folder of one test's own, removed with the value.
final class Bench: Sendable {
    let folder: String
    let feed = Feed()
    let log = LogRecorder()

    init() {
        folder = FileManager.default.temporaryDirectory.appending(path: "slipway-store-\(UUID().uuidString)").path
    }

    deinit {
        // A store that closes at this moment removes files too, and the one that comes second fails.
        for _ in 1...100 where FileManager.default.fileExists(atPath: folder) {
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    func open() async throws -> SQLiteStore {
        try await SQLiteStore.open(at: folder, feed: feed, logger: log.logger)
    }

    func file(_ name: String) -> URL { URL(filePath: folder).appending(path: name) }
}

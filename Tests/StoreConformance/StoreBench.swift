import Foundation
import SlipwayCore
import TestLogs

/// A folder of one check's own, removed with the value, and what its store tells.
final class StoreBench: Sendable {
    let feed = Feed()
    let log = LogRecorder()
    private let kind: StoreKind
    private let folder: String

    init(_ kind: StoreKind) {
        self.kind = kind
        folder = FileManager.default.temporaryDirectory.appending(path: "slipway-store-\(UUID().uuidString)").path
    }

    deinit {
        // A store that closes at this moment removes files too, and the one that comes second fails.
        for _ in 1...100 where FileManager.default.fileExists(atPath: folder) {
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    /// The one before must be closed.
    func open() async throws -> any Store { try await kind.open(folder, feed, log.logger) }
}

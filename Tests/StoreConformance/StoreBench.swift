import Foundation
import SlipwayCore
import TestLogs
import TestSupport

/// A folder of one check's own, removed with the value, and what its store tells.
final class StoreBench: Sendable {
    let feed = Feed()
    let log = LogRecorder()
    private let kind: StoreKind
    private let folder = TemporaryFolder.unmade()

    init(_ kind: StoreKind) {
        self.kind = kind
    }

    /// The one before must be closed.
    func open() async throws -> any Store { try await kind.open(folder.path, feed, log.logger) }
}

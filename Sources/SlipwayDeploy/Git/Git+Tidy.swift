import Foundation
package import SlipwayCore

/// What keeps the mirrors small.
extension Git {
    /// Removes the mirrors of apps that are no longer configured, and packs the others where much has gathered. Without a
    /// lock: git packs beside its own fetches, and no deploy waits for it.
    /// - Throws: `GitError`, `CommandError`, `CancellationError`.
    package func tidy(_ apps: [App]) async throws {
        let mirrors = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let known = Set(apps.map { $0.name + ".git" })
        for mirror in mirrors where mirror.hasSuffix(".git") && !known.contains(mirror) {
            try FileManager.default.removeItem(atPath: folder + "/" + mirror)
        }
        for app in apps where mirrors.contains(app.name + ".git") {
            let packed = try await runner.collect(commands(app).pack(), within: .seconds(1800))
            guard packed.succeeded else { throw GitError.cannotPrepareMirror(packed.cause) }
        }
    }
}

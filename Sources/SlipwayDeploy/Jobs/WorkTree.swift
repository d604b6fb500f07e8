import Foundation

/// The commit's tree, for tests and builds: after a restart that of a checkout which has ended is gone, and the commit is
/// still in the mirror.
struct WorkTree: JobPart {
    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        guard products.knownImage == nil, !FileManager.default.fileExists(atPath: run.source) else { return products }
        try await run.parts.git.export(try products.commit, app: run.app, into: run.folder)
        return products
    }
}

import GRDB
package import Logging
package import SlipwayCore

extension SQLiteStore {
    /// A store that ends with the process: the same statements on a database in memory, for those who need no disk.
    ///
    /// Its one connection reads between two writes, so that a read sees the last commit here too.
    /// - Parameters: as of `open`.
    package static func inMemory(
        feed: Feed, logger: Logger = Logger(label: "slipway") { _ in SwiftLogNoOpLogHandler() }
    ) throws(StoreError) -> SQLiteStore {
        let path = "memory"
        do {
            let queue = try DatabaseQueue(configuration: configuration)
            try queue.writeWithoutTransaction { db in try Schema.migrate(db, path: path) }
            return SQLiteStore(queue, BodiesInMemory(), feed: feed, logger: logger)
        } catch let error as StoreError {
            throw error
        } catch {
            throw .cannotOpen(path: path, reason: "\(error)")
        }
    }
}

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Why this store could not store or read something; what any store refuses is `QueueError`.
package enum StoreError: Error, Sendable {
    /// Another process uses the data folder; its id as far as the lock file tells.
    case dataInUse(folder: String, process: Int32?)
    /// The database was written by a newer Slipway.
    case newerDatabase(path: String, version: Int, supported: Int)
    case cannotOpen(path: String, reason: String)
    case migrationFailed(path: String, number: Int, reason: String)
    /// SQLite refused a statement; nothing of its transaction is stored.
    case database(code: Int32, reason: String)
    /// A call of the operating system failed on a file.
    case file(doing: String, path: String, code: Int32)
    /// A delivery's body is not what was written.
    case damagedBody(delivery: String, path: String)
    /// A stored word that this version does not know.
    case unreadable(table: String, column: String, value: String)

    /// For a call that has just failed on this thread.
    static func lastFile(_ doing: String, _ path: String) -> StoreError {
        .file(doing: doing, path: path, code: errno)
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .dataInUse(let folder, let process):
            let who = process.map { "process \($0)" } ?? "another process"
            return "the data folder \(folder) is in use by \(who); stop that one, or give this server another folder"
        case .newerDatabase(let path, let version, let supported):
            return "the database \(path) has version \(version), this slipway knows versions up to \(supported); "
                + "run the newer slipway that wrote it, or restore a copy from before"
        case .cannotOpen(let path, let reason):
            return "cannot open the database \(path): \(reason)"
        case .migrationFailed(let path, let number, let reason):
            return "cannot migrate the database \(path) to version \(number): \(reason); it is left as it was"
        case .database(let code, let reason):
            return "the database could not do it: \(reason) (SQLite error \(code)); look at the data folder's disk"
        case .file(let doing, let path, let code):
            return "cannot \(doing) \(path): \(String(cString: strerror(code)))"
        case .damagedBody(let delivery, let path):
            return "the body of delivery \(delivery) in \(path) is damaged; the disk may be failing"
        case .unreadable(let table, let column, let value):
            return "the table \(table) holds \(column) “\(value)”, which this slipway does not know"
        }
    }
}

import Foundation
import SlipwayStore

/// The version of a SQLite database, read from its files without SQLite, which would write beside them: a read-only
/// connection to a database in WAL mode makes an index file, and takes locks that a running server can feel.
struct DatabaseFile {
    let path: String

    static var knownVersion: Int { SQLiteStore.knownVersion }

    /// nil: no SQLite database, or not readable.
    var version: Int? {
        guard let header = bytes(of: path, at: 0, count: 100), header.starts(with: Array("SQLite format 3".utf8)) else {
            return nil
        }
        return versionInLog ?? Self.number(header, at: Self.userVersion)
    }

    /// `user_version` in the header of page 1 (sqlite.org/fileformat2.html, section 1.3).
    private static let userVersion = 60

    /// What the write-ahead log has of page 1 since the last checkpoint (section 4.1). Frames of an older log, known
    /// by their salt, end it.
    private var versionInLog: Int? {
        guard let header = bytes(of: path + "-wal", at: 0, count: 32) else { return nil }
        let magic = Self.number(header, at: 0)
        let pageSize = Self.number(header, at: 8)
        guard magic & ~1 == 0x377F_0682, pageSize >= 512, pageSize <= 65_536 else { return nil }
        let salt = header[16..<24]
        var offset = 32
        var pending: Int?
        var committed: Int?
        while let frame = bytes(of: path + "-wal", at: offset, count: 24 + 100), frame[8..<16].elementsEqual(salt) {
            if Self.number(frame, at: 0) == 1 { pending = Self.number(frame, at: 24 + Self.userVersion) }
            // The size of the database stands in the frame that ends a transaction.
            if Self.number(frame, at: 4) > 0 { committed = pending ?? committed }
            offset += 24 + pageSize
        }
        return committed
    }

    private func bytes(of path: String, at offset: Int, count: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: count)
        return pread(descriptor, &buffer, count, off_t(offset)) == count ? buffer : nil
    }

    /// Four bytes, big-endian.
    private static func number(_ bytes: [UInt8], at index: Int) -> Int {
        bytes[index..<index + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}

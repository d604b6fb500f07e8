import Glibc

package enum DiskSpace {
    /// Bytes that may still be written at a path; nil when nobody knows, with `errno`.
    package static func free(at path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }
}

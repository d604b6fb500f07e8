#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Folders that nobody but their owner may look into: they hold bodies, logs and checkouts.
enum DataFolder {
    /// Makes the folder and those above it, and closes it to others if it was open to them.
    static func make(_ path: String) throws(StoreError) {
        var folder = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            folder += "/" + part
            guard mkdir(folder, 0o700) != 0, errno != EEXIST else { continue }
            var status = stat()
            // A read-only parent answers EROFS or EACCES before it looks whether the folder is there.
            let code = errno
            guard stat(folder, &status) != 0 else { continue }
            throw .file(doing: "make the folder", path: folder, code: code)
        }
        var status = stat()
        // Not where there is nothing to change, which a read-only file system would refuse first.
        if stat(path, &status) == 0, status.st_mode & 0o7777 == 0o700 { return }
        guard chmod(path, 0o700) == 0 else { throw .lastFile("close to others the folder", path) }
    }

    /// Makes a new file's name survive a loss of power.
    static func sync(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .lastFile("open the folder", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .lastFile("sync the folder", path) }
    }
}

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Holds a data folder for this process as long as the value lives; the kernel lets go of it when the process ends,
/// however it ends.
package final class DataFolderLock: Sendable {
    private let descriptor: Int32

    /// Makes the folder when there is none. Call it before anything else touches the folder.
    package init(folder: String) throws(StoreError) {
        try DataFolder.make(folder)
        let path = folder + "/lock"
        // Without O_CLOEXEC a git or docker that outlives us would go on holding the lock.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .lastFile("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.holder(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw .file(doing: "lock", path: path, code: code) }
            throw .dataInUse(folder: folder, process: holder)
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            let code = errno
            close(descriptor)
            throw .file(doing: "write", path: path, code: code)
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var text = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &text, text.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: text[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}

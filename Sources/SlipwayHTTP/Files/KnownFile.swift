import Synchronization

/// What can be said of a file's content without reading it again.
final class KnownFile: Sendable {
    let version: OpenFile.Version
    let type: MediaType
    let plain: Representation
    let gzipped: Representation
    private let compressed = Mutex<Compressed>(.notYet)

    /// The content as it is, or in gzip's coding.
    struct Representation: Sendable {
        /// Quoted (RFC 9110, section 8.8.3).
        var tag: String
        var headers: HTTPHeaders

        fileprivate init(tag: String, _ headers: HTTPHeaders) {
            self.tag = "\"" + tag + "\""
            self.headers = headers
            self.headers["ETag"] = self.tag
        }
    }

    private enum Compressed {
        case notYet
        /// nil: compression does not pay.
        case done([UInt8]?)
    }

    /// Larger ones are sent as they are: compressing them would hold up the connections of a whole loop.
    private static let largest = 262_144

    fileprivate init(_ version: OpenFile.Version, path: String) {
        self.version = version
        type = MediaType(path: path)
        let name = String(version.modified, radix: 16) + "-" + String(version.size, radix: 16)
        let headers: HTTPHeaders = [
            "Content-Type": type.description, "Last-Modified": HTTPDate.format(version.modifiedSeconds),
            // A copy may be kept but is asked about each time: the names of our files say nothing of their version.
            "Cache-Control": "no-cache", "Accept-Ranges": "bytes", "Vary": "Accept, Accept-Encoding, Cookie",
        ]
        plain = Representation(tag: name, headers)
        gzipped = Representation(tag: name + "-gzip", headers)
    }

    /// In gzip's coding, compressed when it is first asked for.
    /// - Returns: nil where compression does not pay.
    func gzip(of file: OpenFile) -> [UInt8]? {
        guard (256...Self.largest).contains(file.size) else { return nil }
        if case .done(let content) = compressed.withLock({ $0 }) { return content }
        let content = Gzip.compress(file.read(0..<file.size), for: .kept).flatMap { $0.count < file.size ? $0 : nil }
        compressed.withLock { $0 = .done(content) }
        return content
    }
}

/// Files by path, those that were asked for last.
final class KnownFiles: Sendable {
    private let files = Mutex<[String: KnownFile]>([:])

    private static let most = 64

    func look(at file: OpenFile, _ path: String) -> KnownFile {
        if let known = files.withLock({ $0[path] }), known.version == file.version { return known }
        let known = KnownFile(file.version, path: path)
        files.withLock { files in
            if files.count >= Self.most { files.removeAll() }
            files[path] = known
        }
        return known
    }
}

import Synchronization

/// Answers with the regular files beneath a folder.
package struct StaticFiles: Sendable {
    private let root: String
    private let compressed = CompressedFiles()

    /// - Parameter root: a folder; it may appear later.
    package init(root: String) {
        self.root = root
    }

    /// - Parameter path: of the file, beneath the root, decoded: `app.css`, `icons/logo.svg`.
    /// - Returns: nil: no such file, or none that is really beneath the root: links out of it lead nowhere. Conditions,
    ///   a range and `Accept-Encoding: gzip` are heeded.
    package func respond(to request: HTTPRequest, path: String) -> HTTPResponse? {
        guard !path.isEmpty, !path.utf8.contains(0), let file = OpenFile(path, in: root) else { return nil }
        let type = MediaType(path: path)
        // A range is one of the file's own bytes.
        let wantsGzip =
            type.isText && !request.headers.contains("Range") && request.headers.accepts(coding: "gzip")
        let gzip = wantsGzip ? compressed.content(of: file, path) : nil
        let tag = gzip == nil ? file.tag : file.tag.dropLast() + "-gzip\""
        var headers: HTTPHeaders = [
            "Content-Type": type.description, "ETag": tag, "Last-Modified": HTTPDate.format(file.modified),
            // A copy may be kept but is asked about each time: the names of our files say nothing of their version.
            "Cache-Control": "no-cache", "Accept-Ranges": "bytes", "Vary": "Accept, Accept-Encoding, Cookie",
        ]
        switch HTTPConditions(request.headers).judge(tag: tag, modified: file.modified) {
        case .failed: return HTTPResponse(.preconditionFailed, headers: headers)
        case .notModified:
            headers["Content-Type"] = nil
            return HTTPResponse(.notModified, headers: headers)
        case .send(let mayBePart):
            if let gzip {
                headers.add("Content-Encoding", "gzip")
                return HTTPResponse(.ok, headers: headers, body: .bytes(gzip))
            }
            let range = mayBePart && request.method == .get ? request.headers["Range"] : nil
            return answer(file, headers, range.flatMap { ByteRange($0, size: file.size) })
        }
    }

    private func answer(_ file: OpenFile, _ headers: HTTPHeaders, _ range: ByteRange?) -> HTTPResponse {
        var headers = headers
        switch range {
        case nil: return HTTPResponse(.ok, headers: headers, body: .file(file, 0..<file.size))
        case .bytes(let part):
            headers.add("Content-Range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.size)")
            return HTTPResponse(.partialContent, headers: headers, body: .file(file, part))
        case .unsatisfiable:
            headers.add("Content-Range", "bytes */\(file.size)")
            return HTTPResponse(.rangeNotSatisfiable, headers: headers)
        }
    }
}

/// Files in gzip's coding, compressed when they are first asked for.
private final class CompressedFiles: Sendable {
    /// By path, with the tag of the file it was made from.
    private let contents = Mutex<[String: (tag: String, bytes: [UInt8]?)]>([:])

    /// Larger ones are sent as they are: compressing them would hold up the connections of a whole loop.
    private static let largest = 262_144
    private static let most = 64

    /// - Returns: nil where compression does not pay.
    func content(of file: OpenFile, _ path: String) -> [UInt8]? {
        guard (256...Self.largest).contains(file.size) else { return nil }
        if let known = contents.withLock({ $0[path] }), known.tag == file.tag { return known.bytes }
        let compressed = Gzip.compress(file.read(0..<file.size)).flatMap { $0.count < file.size ? $0 : nil }
        contents.withLock { contents in
            if contents.count >= Self.most { contents.removeAll() }
            contents[path] = (file.tag, compressed)
        }
        return compressed
    }
}

/// Answers with the regular files beneath a folder.
package struct StaticFiles: Sendable {
    private let root: String
    private let known = KnownFiles()

    /// - Parameter root: a folder; it may appear later.
    package init(root: String) {
        self.root = root
    }

    /// - Parameter path: of the file, beneath the root, decoded: `app.css`, `icons/logo.svg`.
    /// - Returns: nil: no such file, or none that is really beneath the root: links out of it lead nowhere. Conditions,
    ///   a range and `Accept-Encoding: gzip` are heeded.
    package func respond(to request: HTTPRequest, path: String) -> HTTPResponse? {
        guard !path.isEmpty, !path.utf8.contains(0), let file = OpenFile(path, in: root) else { return nil }
        let known = known.look(at: file, path)
        // A range is one of the file's own bytes.
        let wantsGzip =
            known.type.isText && !request.headers.contains("Range") && request.headers.accepts(coding: "gzip")
        if wantsGzip, let content = known.gzip(of: file) {
            return answer(request, known.gzipped, of: file) { headers, _ in
                headers.add("Content-Encoding", "gzip")
                return HTTPResponse(.ok, headers: headers, body: .bytes(content))
            }
        }
        return answer(request, known.plain, of: file) { headers, mayBePart in
            let range = mayBePart && request.method == .get ? request.headers["Range"] : nil
            return answer(file, headers, range.flatMap { ByteRange($0, size: file.size) })
        }
    }

    private func answer(
        _ request: HTTPRequest, _ content: KnownFile.Representation, of file: OpenFile,
        _ send: (inout HTTPHeaders, _ mayBePart: Bool) -> HTTPResponse
    ) -> HTTPResponse {
        var headers = content.headers
        switch HTTPConditions(request.headers).judge(tag: content.tag, modified: file.version.modifiedSeconds) {
        case .failed: return HTTPResponse(.preconditionFailed, headers: headers)
        case .notModified:
            headers["Content-Type"] = nil
            return HTTPResponse(.notModified, headers: headers)
        case .send(let mayBePart): return send(&headers, mayBePart)
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

import Dispatch
import Glibc
import SlipwayBase
import SlipwayNet

/// Answers with the regular files beneath a folder.
package struct StaticFiles: Sendable {
    private let folder: Folder

    /// - Parameter root: a folder; it may appear later.
    package init(root: String) {
        folder = Folder(root: root)
    }

    /// - Parameter path: of the file, beneath the root, decoded: `app.css`, `icons/logo.svg`.
    /// - Returns: nil: no such file, or none that is really beneath the root: links out of it lead nowhere. With `ETag`,
    ///   `Last-Modified`, and 304 where the client's copy is still good.
    package func respond(to request: HTTPRequest, path: String) async -> HTTPResponse? {
        guard let file = await folder.find(path) else { return nil }
        var headers: HTTPHeaders = [
            "Content-Type": Self.type(of: path), "ETag": file.tag, "Last-Modified": HTTPDate.format(file.modified),
            // A copy may be kept but is asked about each time: the names of our files say nothing of their version.
            "Cache-Control": "no-cache",
        ]
        if isCurrent(file, request.headers) {
            headers["Content-Type"] = nil
            return HTTPResponse(.notModified, headers: headers)
        }
        return HTTPResponse(.ok, headers: headers, body: .file(path: file.path, offset: 0, count: file.size))
    }

    /// RFC 9110, section 13.2.2: a tag counts more than a date.
    private func isCurrent(_ file: Folder.File, _ headers: HTTPHeaders) -> Bool {
        if headers.contains("If-None-Match") {
            return headers.list("If-None-Match").contains { $0 == "*" || $0 == file.tag || $0 == "W/" + file.tag }
        }
        guard let since = headers["If-Modified-Since"].flatMap(HTTPDate.parse) else { return false }
        return file.modified <= since
    }

    private static func type(of path: String) -> String {
        switch path.split(separator: "/").last?.split(separator: ".").dropFirst().last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "json", "map": "application/json"
        case "txt": "text/plain; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "gif": "image/gif"
        case "webp": "image/webp"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "webmanifest": "application/manifest+json"
        default: "application/octet-stream"
        }
    }

    /// Looks at the disk, on a queue where that holds up no connection.
    private actor Folder {
        struct File: Sendable {
            /// Without links.
            var path: String
            var size: Int
            /// Seconds since 1970.
            var modified: Int
            var tag: String
        }

        nonisolated private let executor = QueueExecutor(queue: DispatchQueue(label: "slipway.files"))
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
        private let root: String

        init(root: String) {
            self.root = root
        }

        func find(_ path: String) -> File? {
            guard !path.isEmpty, !path.utf8.contains(0), !path.split(separator: "/").contains("..") else { return nil }
            guard let base = resolved(root), let found = resolved(root + "/" + path) else { return nil }
            guard found.hasPrefix(base == "/" ? base : base + "/") else { return nil }
            var status = stat()
            guard stat(found, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            let stamp = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_size) \(status.st_ino)"
            let tag = "\"" + [UInt8](SHA256.hash(Array(stamp.utf8)).prefix(12)).hex + "\""
            return File(path: found, size: Int(status.st_size), modified: status.st_mtim.tv_sec, tag: tag)
        }

        private func resolved(_ path: String) -> String? {
            guard let real = realpath(path, nil) else { return nil }
            defer { free(real) }
            return String(cString: real)
        }
    }
}

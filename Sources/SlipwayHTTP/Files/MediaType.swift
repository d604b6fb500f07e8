/// What a file is, by the ending of its name.
struct MediaType: CustomStringConvertible {
    let description: String

    init(path: String) {
        description =
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

    /// Whether compression pays; the other types are compressed already.
    var isText: Bool {
        description.hasPrefix("text/") || description.hasSuffix("json") || description.hasSuffix("+xml")
    }
}

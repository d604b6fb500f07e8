import Foundation
import Mustache
import SlipwayHTTP

/// The templates of `Public/templates`, and the only place that renders them.
package struct Pages: Sendable {
    private let library: MustacheLibrary

    init(folder: String) throws(PagesError) {
        // A template that is not there would make an empty page.
        MustacheContentTypes.register(StrictHTML(), named: "STRICT")
        var library = MustacheLibrary()
        for name in Self.names {
            let path = folder + "/\(name).mustache"
            guard let bytes = FileManager.default.contents(atPath: path) else { throw .missing(path: path) }
            do {
                // Put in front here, because one template that forgot it would be the hole.
                let text = "{{% CONTENT_TYPE:STRICT}}" + String(decoding: bytes, as: UTF8.self)
                try library.register(text, named: name)
            } catch {
                throw .malformed(path: path, reason: "\(error)")
            }
        }
        self.library = library
    }

    private static let names = [
        "layout", "dashboard", "jobs", "job", "login", "error", "job-row", "job-card", "steps", "target-holds",
        "log-runs", "log-addition",
    ]

    func response(_ name: String, _ context: [String: Any], status: HTTPStatus = .ok) -> HTTPResponse {
        .text(library.render(context, withTemplate: name) ?? "", status: status, type: "text/html; charset=utf-8")
    }
}

package enum PagesError: Error, Sendable, CustomStringConvertible {
    case missing(path: String)
    case malformed(path: String, reason: String)

    package var description: String {
        switch self {
        case .missing(let path): "the template \(path) is missing; is this the folder Public of this version?"
        case .malformed(let path, let reason): "the template \(path) is broken: \(reason)"
        }
    }
}

/// Escapes by Unicode scalar. Mustache's own escaping goes by `Character`, and a quote with a combining mark on it is
/// another character than a quote: it would leave an attribute.
private struct StrictHTML: MustacheContentType {
    func escapeText(_ text: String) -> String {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): escaped += Array("&lt;".utf8)
            case UInt8(ascii: ">"): escaped += Array("&gt;".utf8)
            case UInt8(ascii: "&"): escaped += Array("&amp;".utf8)
            case UInt8(ascii: "\""): escaped += Array("&quot;".utf8)
            case UInt8(ascii: "'"): escaped += Array("&#39;".utf8)
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}

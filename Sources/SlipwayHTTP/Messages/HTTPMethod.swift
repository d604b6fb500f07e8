/// A request method, spelled as on the wire; methods are case-sensitive (RFC 9110, section 9.1).
package struct HTTPMethod: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ name: String) {
        description = name
    }

    package static let get = HTTPMethod("GET")
    package static let head = HTTPMethod("HEAD")
    package static let post = HTTPMethod("POST")
    package static let put = HTTPMethod("PUT")
    package static let patch = HTTPMethod("PATCH")
    package static let delete = HTTPMethod("DELETE")
    package static let options = HTTPMethod("OPTIONS")
}

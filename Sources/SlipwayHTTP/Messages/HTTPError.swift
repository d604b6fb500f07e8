/// A request that is refused: its status, a code for programs and a sentence for people.
///
/// Handlers throw it; the router's `failure` turns it into the answer.
package struct HTTPError: Error, Sendable {
    package var status: HTTPStatus
    /// `snake_case`, and public: docs/api.md lists the codes, and none changes.
    package var code: String
    package var message: String
    package var headers: HTTPHeaders

    package init(_ status: HTTPStatus, code: String, message: String, headers: HTTPHeaders = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    package static func contentTooLarge(limit: Int) -> HTTPError {
        HTTPError(.contentTooLarge, code: "content_too_large", message: "the body is larger than \(limit) bytes")
    }

    package static func notFound(_ what: String) -> HTTPError {
        HTTPError(.notFound, code: "not_found", message: what)
    }

    package static func badRequest(_ what: String) -> HTTPError {
        HTTPError(.badRequest, code: "bad_request", message: what)
    }
}

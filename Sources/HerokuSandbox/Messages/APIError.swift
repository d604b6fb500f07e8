/// An error as the Platform API answers it: a status, `{"id", "message"}` and now and then a field more.
package struct APIError: Error, Sendable, Hashable {
    package var status: Int
    package var id: String
    package var message: String
    package var extra: [String: JSON] = [:]

    package init(_ status: Int, id: String, message: String, extra: [String: JSON] = [:]) {
        self.status = status
        self.id = id
        self.message = message
        self.extra = extra
    }

    package var body: JSON {
        .object(extra.merging(["id": .string(id), "message": .string(message)]) { _, own in own })
    }
}

extension APIError {
    static func badRequest(_ message: String) -> APIError { APIError(400, id: "bad_request", message: message) }
    static let unauthorized = APIError(401, id: "unauthorized", message: "Invalid credentials provided.")
    static let notAcceptable = APIError(
        406, id: "not_acceptable",
        message: "Please specify a version along with Heroku's API MIME type. "
            + "For example, `Accept: application/vnd.heroku+json; version=3`.")
    static let tooManyRequests = APIError(
        429, id: "rate_limit",
        message: "Your account reached the API rate limit. Please wait a few minutes before making new requests.")
    static let rangeNotSatisfiable = APIError(
        416, id: "requested_range_not_satisfiable", message: "The requested range cannot be served.")

    /// - Parameter resource: `app`, `release`, `dyno`…: also a field of the body.
    static func notFound(_ resource: String) -> APIError {
        APIError(
            404, id: "not_found", message: "Couldn't find that \(resource).", extra: ["resource": .string(resource)])
    }
    static func invalid(_ message: String) -> APIError { APIError(422, id: "invalid_params", message: message) }
    static func conflict(_ message: String) -> APIError { APIError(409, id: "conflict", message: message) }
}

extension HTTPResponse {
    /// A value as a JSON text.
    package static func json(encoding value: some Encodable, status: HTTPStatus = .ok) throws -> HTTPResponse {
        json(try JSONText.encode(value), status: status)
    }
}

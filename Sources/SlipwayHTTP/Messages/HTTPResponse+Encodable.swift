import Foundation

extension HTTPResponse {
    /// A value as a JSON text.
    package static func json(encoding value: some Encodable, status: HTTPStatus = .ok) throws -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return json(Array(try encoder.encode(value)), status: status)
    }
}

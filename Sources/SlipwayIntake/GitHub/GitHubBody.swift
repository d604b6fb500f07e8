import SlipwayCore
import SlipwayHTTP

extension ReceivedBody: DeliveryBody {}

/// How a delivery's body holds its JSON.
enum GitHubBody: Sendable {
    case json
    /// One form field, `payload`; what GitHub's API makes of a hook unless told otherwise.
    case form

    /// - Parameter contentType: with or without parameters such as `charset`.
    init?(contentType: String?) {
        guard let contentType else { return nil }
        let mediaType = Substring(contentType.utf8.prefix { !"; \t".utf8.contains($0) })
        if mediaType.isSameHeader(as: "application/json") {
            self = .json
        } else if mediaType.isSameHeader(as: "application/x-www-form-urlencoded") {
            self = .form
        } else {
            return nil
        }
    }

    /// The most bytes of a body.
    func limit(_ limits: BodyLimits) -> Int {
        switch self {
        case .json: limits.deliveryBytes
        case .form: limits.deliveryBytes / 25 * 32
        }
    }

    /// Reads the JSON in a body.
    /// - Returns: nil for a form that holds none.
    func withPayload<Result>(
        of body: some DeliveryBody, _ read: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result? {
        switch self {
        case .json: return try body.withBytes(read)
        case .form:
            let form = try body.withBytes { String(decoding: $0, as: UTF8.self) }
            let payload = PercentCoding.decodeForm(form)?.first { $0.name == "payload" }?.value
            return try payload.map { try Array($0.utf8).withUnsafeBytes(read) }
        }
    }
}

import SlipwayHTTP

/// How a delivery's body holds its JSON.
enum GitHubBody: Sendable {
    case json
    /// One form field, `payload`; what GitHub's API makes of a hook unless told otherwise.
    case form

    /// - Parameter contentType: with or without parameters such as `charset`.
    init?(contentType: String?) {
        let mediaType = contentType?.split(separator: ";", omittingEmptySubsequences: false).first ?? ""
        switch mediaType.lowercased().filter({ $0 != " " && $0 != "\t" }) {
        case "application/json": self = .json
        case "application/x-www-form-urlencoded": self = .form
        default: return nil
        }
    }

    /// The most bytes of a body. GitHub sends at most 25 MiB of JSON; a form's escapes make it longer.
    var limit: Int {
        switch self {
        case .json: 25 << 20
        case .form: 32 << 20
        }
    }

    /// The JSON in a body; nil for a form that holds none.
    func payload(of body: [UInt8]) -> [UInt8]? {
        switch self {
        case .json: body
        case .form:
            PercentCoding.decodeForm(String(decoding: body, as: UTF8.self))?
                .first { $0.name == "payload" }.map { Array($0.value.utf8) }
        }
    }
}

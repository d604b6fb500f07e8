/// What a request makes its answer depend on (RFC 9110, section 13).
struct HTTPConditions {
    private let headers: HTTPHeaders

    enum Judgement: Equatable {
        case failed
        case notModified
        /// - Parameter mayBePart: whether a `Range` counts.
        case send(mayBePart: Bool)
    }

    init(_ headers: HTTPHeaders) {
        self.headers = headers
    }

    /// In the order of section 13.2.2; for GET and HEAD.
    /// - Parameters:
    ///   - tag: of what would be sent, strong, with its quotes.
    ///   - modified: seconds since 1970.
    func judge(tag: String, modified: Int) -> Judgement {
        if headers.contains("If-Match") {
            guard headers.list("If-Match").contains(where: { $0 == "*" || $0 == tag }) else { return .failed }
        } else if let date = headers["If-Unmodified-Since"].flatMap({ HTTPDate.parse($0) }), modified > date {
            return .failed
        }
        if headers.contains("If-None-Match") {
            // Weak comparison: `W/` does not count (section 8.8.3.2).
            let isCurrent = headers.list("If-None-Match").contains { $0 == "*" || $0 == tag || $0.dropFirst(2) == tag }
            if isCurrent { return .notModified }
        } else if let date = headers["If-Modified-Since"].flatMap({ HTTPDate.parse($0) }), modified <= date {
            return .notModified
        }
        guard let condition = headers["If-Range"] else { return .send(mayBePart: true) }
        return .send(mayBePart: condition == tag || HTTPDate.parse(condition) == modified)
    }
}

extension HTTPHeaders {
    /// Whether `Accept-Encoding` takes a content coding (RFC 9110, section 12.5.3).
    func accepts(coding: String) -> Bool {
        var any = false
        for element in list("Accept-Encoding") {
            let parts = element.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let name = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }
            let isTaken = weight.map { (Double($0.dropFirst(2)) ?? 0) > 0 } ?? true
            if name.isSameHeader(as: coding) { return isTaken }
            if name == "*" { any = isTaken }
        }
        return any
    }
}

/// How a message's body ends (RFC 9112, section 6.3). Stricter than the RFC where it leaves a choice: what two
/// recipients could read in two ways is refused.
enum HTTPFraming: Equatable {
    case length(Int)
    case chunked
    /// Of responses only.
    case untilEnd

    /// Bytes of the body; nil: they are not known yet.
    var length: Int? {
        if case .length(let length) = self { length } else { nil }
    }

    static func request(_ headers: HTTPHeaders, _ version: HTTPVersion) throws(HTTPParseError) -> HTTPFraming {
        if try isChunked(headers, version) { return .chunked }
        return .length(try length(headers) ?? 0)
    }

    static func response(
        _ headers: HTTPHeaders, _ version: HTTPVersion, status: Int, to method: HTTPMethod
    ) throws(HTTPParseError) -> HTTPFraming {
        if method == .head || status < 200 || status == 204 || status == 304 { return .length(0) }
        if try isChunked(headers, version) { return .chunked }
        if let length = try length(headers) { return .length(length) }
        return .untilEnd
    }

    private static func isChunked(_ headers: HTTPHeaders, _ version: HTTPVersion) throws(HTTPParseError) -> Bool {
        guard headers.contains("Transfer-Encoding") else { return false }
        // HTTP/1.0 has no transfer codings: a proxy of that version framed the message in another way.
        guard version == .http11 else { throw .malformedTransferEncoding }
        guard !headers.contains("Content-Length") else { throw .lengthBesideCoding }
        let codings = headers.list("Transfer-Encoding")
        if codings.count == 1, codings[0].isSameHeader(as: "chunked") { return true }
        guard codings.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isTokenCharacter) }) else {
            throw .malformedTransferEncoding
        }
        let chunked = codings.filter { $0.isSameHeader(as: "chunked") }
        // Once, and last; else the end of the body cannot be known.
        guard chunked.count < 2, chunked.isEmpty || codings.last?.isSameHeader(as: "chunked") == true else {
            throw .malformedTransferEncoding
        }
        throw .unsupportedCoding
    }

    private static func length(_ headers: HTTPHeaders) throws(HTTPParseError) -> Int? {
        let values = headers.all("Content-Length")
        guard let value = values.first else { return nil }
        // Equal duplicates may be folded (RFC 9110, section 8.6); nobody honest sends them.
        guard values.count == 1, !value.isEmpty else { throw .malformedContentLength }
        var length = 0
        var isTooLarge = false
        for byte in value.utf8 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw .malformedContentLength }
            let (product, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            isTooLarge = isTooLarge || overflow || carry
            length = sum
        }
        guard !isTooLarge else { throw .contentLengthTooLarge }
        return length
    }
}

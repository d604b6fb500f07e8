/// Why bytes are not a message that we take.
enum HTTPParseError: Error, Equatable {
    case malformedStartLine
    case unsupportedVersion
    case startLineTooLong
    case bareLineFeed
    case malformedField
    case foldedField
    case headerTooLarge
    case tooManyFields
    case missingHost
    case malformedHost
    case malformedTarget
    case unsupportedMethod
    case malformedContentLength
    case contentLengthTooLarge
    case lengthBesideCoding
    case malformedTransferEncoding
    case unsupportedCoding
    case malformedChunk
    case chunkTooLarge
    case trailerTooLarge
    /// The other side ended the connection in the middle of the message.
    case truncated
}

extension HTTPParseError {
    /// The answer to a request that fails so.
    var refusal: HTTPError {
        switch self {
        case .malformedStartLine: .badRequest("the request line is malformed")
        case .unsupportedVersion:
            HTTPError(.versionNotSupported, code: "version_not_supported", message: "this server speaks HTTP/1.1")
        case .startLineTooLong:
            HTTPError(.uriTooLong, code: "uri_too_long", message: "the request line is too long")
        case .bareLineFeed: .badRequest("a line does not end in CR LF")
        case .malformedField: .badRequest("a header field is malformed")
        case .foldedField: .badRequest("a header field goes on in a second line")
        case .headerTooLarge:
            HTTPError(.headerFieldsTooLarge, code: "header_too_large", message: "the header fields are too large")
        case .tooManyFields:
            HTTPError(.headerFieldsTooLarge, code: "header_too_large", message: "there are too many header fields")
        case .missingHost: .badRequest("there is no Host field")
        case .malformedHost: .badRequest("there must be one Host field that names a host")
        case .malformedTarget: .badRequest("the request target is malformed")
        case .unsupportedMethod:
            HTTPError(.notImplemented, code: "not_implemented", message: "this server does not know that method")
        case .malformedContentLength: .badRequest("the Content-Length is malformed")
        case .contentLengthTooLarge:
            HTTPError(.contentTooLarge, code: "content_too_large", message: "the body is too large")
        case .lengthBesideCoding: .badRequest("Content-Length and Transfer-Encoding exclude each other")
        case .malformedTransferEncoding: .badRequest("the Transfer-Encoding is malformed")
        case .unsupportedCoding:
            HTTPError(.notImplemented, code: "not_implemented", message: "the only transfer coding here is chunked")
        case .malformedChunk: .badRequest("a chunk of the body is malformed")
        case .chunkTooLarge:
            HTTPError(.contentTooLarge, code: "content_too_large", message: "a chunk of the body is too large")
        case .trailerTooLarge:
            HTTPError(.headerFieldsTooLarge, code: "header_too_large", message: "the trailer fields are too large")
        case .truncated: .badRequest("the request ends in the middle")
        }
    }
}

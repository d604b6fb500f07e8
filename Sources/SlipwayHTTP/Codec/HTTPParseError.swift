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
        case .malformedStartLine, .bareLineFeed, .malformedField, .foldedField, .missingHost, .malformedHost,
            .malformedTarget, .malformedContentLength, .lengthBesideCoding, .malformedTransferEncoding,
            .malformedChunk, .truncated:
            .badRequest(description)
        case .unsupportedVersion: HTTPError(.versionNotSupported, code: "version_not_supported", message: description)
        case .startLineTooLong: HTTPError(.uriTooLong, code: "uri_too_long", message: description)
        case .headerTooLarge, .tooManyFields, .trailerTooLarge:
            HTTPError(.headerFieldsTooLarge, code: "header_too_large", message: description)
        case .contentLengthTooLarge, .chunkTooLarge:
            HTTPError(.contentTooLarge, code: "content_too_large", message: description)
        case .unsupportedMethod, .unsupportedCoding:
            HTTPError(.notImplemented, code: "not_implemented", message: description)
        }
    }
}

extension HTTPParseError: CustomStringConvertible {
    /// For people on either side.
    var description: String {
        switch self {
        case .malformedStartLine: "the first line is malformed"
        case .unsupportedVersion: "only HTTP/1.1 and 1.0 are spoken here"
        case .startLineTooLong: "the first line is too long"
        case .bareLineFeed: "a line does not end in CR LF"
        case .malformedField: "a header field is malformed"
        case .foldedField: "a header field goes on in a second line"
        case .headerTooLarge: "the header fields are too large"
        case .tooManyFields: "there are too many header fields"
        case .missingHost: "there is no Host field"
        case .malformedHost: "there must be one Host field that names a host"
        case .malformedTarget: "the request target is malformed"
        case .unsupportedMethod: "that method is not known here"
        case .malformedContentLength: "the Content-Length is malformed"
        case .contentLengthTooLarge: "the body is too large"
        case .lengthBesideCoding: "Content-Length and Transfer-Encoding exclude each other"
        case .malformedTransferEncoding: "the Transfer-Encoding is malformed"
        case .unsupportedCoding: "the only transfer coding here is chunked"
        case .malformedChunk: "a chunk of the body is malformed"
        case .chunkTooLarge: "a chunk of the body is too large"
        case .trailerTooLarge: "the trailer fields are too large"
        case .truncated: "the message ends in the middle"
        }
    }
}

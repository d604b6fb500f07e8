/// A response made ready for the wire.
struct Outgoing {
    /// The header, and what of the body leaves with it.
    var bytes: [UInt8]
    /// What comes after them.
    var rest: Rest
    /// Whether the connection may go on afterwards.
    var keepsAlive: Bool

    enum Rest {
        case nothing
        case bytes([UInt8])
        case file(OpenFile, Range<Int>)
        case stream(StreamedBody, @Sendable (HTTPBodyWriter) async throws -> Void)
        /// A file that became shorter than it was: the length is promised, so only the connection's end can say so.
        case missing
    }

    /// Bytes of a body that leave in the same write as the header; more would be copied for nothing.
    static let joinedBytes = 65_536

    init(_ response: HTTPResponse, to head: HTTPRequestHead, keepsAlive: Bool) {
        let hasBody = response.status.hasBody
        let isSent = hasBody && head.method != .head
        self.keepsAlive = keepsAlive
        rest = .nothing
        switch response.body {
        case .empty:
            bytes = Self.header(response, head, keepsAlive: keepsAlive, framing: hasBody ? .length(0) : nil)
        case .bytes(let content):
            let isJoined = isSent && content.count <= Self.joinedBytes
            bytes = Self.header(
                response, head, keepsAlive: keepsAlive, framing: hasBody ? .length(content.count) : nil,
                room: isJoined ? content.count : 0)
            if isJoined { bytes += content } else if isSent { rest = .bytes(content) }
        case .file(let file, let part):
            let isJoined = isSent && part.count <= Self.joinedBytes
            bytes = Self.header(
                response, head, keepsAlive: keepsAlive, framing: hasBody ? .length(part.count) : nil,
                room: isJoined ? part.count : 0)
            if isJoined {
                if !file.append(part, to: &bytes) { rest = .missing }
            } else if isSent {
                rest = .file(file, part)
            }
        case .stream(let produce):
            let framing = Self.streamFraming(response, head)
            self.keepsAlive = keepsAlive && framing != .untilEnd
            bytes = Self.header(response, head, keepsAlive: self.keepsAlive, framing: hasBody ? framing : nil)
            if isSent { rest = .stream(StreamedBody(framing: framing), produce) }
        }
    }

    private static func streamFraming(_ response: HTTPResponse, _ head: HTTPRequestHead) -> HTTPFraming {
        if let length = response.headers["Content-Length"].flatMap(Int.init) { return .length(length) }
        return head.version == .http11 ? .chunked : .untilEnd
    }

    /// - Parameter room: for so many bytes of content that will follow.
    private static func header(
        _ response: HTTPResponse, _ head: HTTPRequestHead, keepsAlive: Bool, framing: HTTPFraming?, room: Int = 0
    ) -> [UInt8] {
        var headers = response.headers
        // What only this connection can know is said by it alone.
        headers["Content-Length"] = nil
        headers["Transfer-Encoding"] = nil
        headers["Connection"] = nil
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headers.bytes.count + 192 + room)
        HTTPEncoder.append(response.status, to: &bytes)
        if !headers.contains("Date") { bytes += HTTPDate.fieldLine() }
        bytes += headers.bytes
        switch framing {
        case .length(let count): HTTPEncoder.append("Content-Length", String(count), to: &bytes)
        case .chunked: HTTPEncoder.append("Transfer-Encoding", "chunked", to: &bytes)
        case .untilEnd, nil: break
        }
        if !keepsAlive {
            HTTPEncoder.append("Connection", "close", to: &bytes)
        } else if head.version == .http10 {
            HTTPEncoder.append("Connection", "keep-alive", to: &bytes)
        }
        bytes += HTTPEncoder.lineEnd
        return bytes
    }
}

extension HTTPStatus {
    /// RFC 9110, section 6.4.1.
    fileprivate var hasBody: Bool { code >= 200 && code != 204 && code != 304 }
}

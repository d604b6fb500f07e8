import SlipwayBase
import SlipwayNet

/// One request and its response on one connection. Whoever holds the response's body holds this; when nobody does, the
/// connection closes.
actor HTTPExchange {
    /// The connection ended before a byte of the response came: if it was a kept one, it was dead already.
    struct NoAnswer: Error {}

    nonisolated private let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let stream: ByteStream
    private let deadline: Deadline
    /// Takes over the connection when another request may follow on it.
    private let keep: @Sendable () async -> Void
    private var upload: HTTPUpload?
    private var buffer = ReadBuffer()
    private var body: HTTPBodyDecoder?
    private var hasAnswered = false
    private var isKeptAlive = false
    private var isOver = false

    /// A response's header may be as large as anything we would ever read of it.
    private static let limits = HTTPHeadParser.Limits(startLineBytes: 8192, headerBytes: 131_072, headerFields: 500)
    /// Bytes of a body that leave in the same write as the header.
    private static let joinedBytes = 65_536

    init(_ stream: ByteStream, until deadline: Deadline, keep: @Sendable @escaping () async -> Void) {
        self.stream = stream
        self.deadline = deadline
        self.keep = keep
        executor = stream.executor
    }

    deinit {
        guard !isOver else { return }
        // Closing says goodbye where TLS wants it; to let go of the stream would not.
        Task { [stream] in await stream.close() }
    }

    /// - Throws: `NoAnswer`, `HTTPClientError`, `CancellationError`, or what a streamed body throws.
    func run(_ request: HTTPClientRequest, _ url: HTTPURL) async throws -> HTTPClientResponse {
        do {
            try await send(request, url)
            return try await receive(request.method)
        } catch {
            throw await failed(error)
        }
    }

    // MARK: Request

    private func send(_ request: HTTPClientRequest, _ url: HTTPURL) async throws {
        var headers = request.headers
        headers["Host"] = nil
        headers["Connection"] = nil
        headers["Content-Length"] = nil
        headers["Transfer-Encoding"] = nil
        var bytes = Array("\(request.method) \(url.target) HTTP/1.1\r\n".utf8)
        HTTPEncoder.append("Host", url.authority, to: &bytes)
        bytes += headers.bytes
        let framing = Self.framing(request)
        switch framing {
        case .length(let count): HTTPEncoder.append("Content-Length", String(count), to: &bytes)
        case .chunked: HTTPEncoder.append("Transfer-Encoding", "chunked", to: &bytes)
        case .untilEnd, nil: break
        }
        bytes += HTTPEncoder.lineEnd
        var isWhole = framing == nil
        if case .bytes(let content) = request.body, content.count <= Self.joinedBytes {
            bytes += content
            isWhole = true
        }
        do {
            try await stream.write(bytes, until: deadline)
        } catch StreamError.broken {
            // The server may have refused early and hung up while we were still sending: what it said counts.
            return
        }
        if !isWhole, let framing {
            upload = HTTPUpload(request.body, framing: framing, to: stream, until: deadline)
        }
    }

    /// - Returns: nil: no body, and none that the method would let a server expect.
    private static func framing(_ request: HTTPClientRequest) -> HTTPFraming? {
        switch request.body {
        case .stream(let body): body.length.map(HTTPFraming.length) ?? .chunked
        case .bytes(let bytes):
            bytes.isEmpty && [.get, .head, .delete, .options].contains(request.method) ? nil : .length(bytes.count)
        }
    }

    // MARK: Response

    private func receive(_ method: HTTPMethod) async throws -> HTTPClientResponse {
        var parser = HTTPHeadParser(.status, limits: Self.limits)
        while true {
            guard let head = try parser.parse(&buffer) else {
                guard let bytes = try await read() else { throw HTTPClientError.connectionClosed }
                hasAnswered = true
                buffer.append(bytes)
                continue
            }
            guard case .status(let code, let version) = head.startLine else { throw HTTPParseError.malformedStartLine }
            // Others of the 1xx only announce the response (RFC 9110, section 15.2); this one ends HTTP, unasked.
            guard code != 101 else { throw HTTPClientError.malformedResponse("it switches to another protocol") }
            guard code >= 200 else { continue }
            let framing = try HTTPFraming.response(head.headers, version, status: code, to: method)
            isKeptAlive = framing != .untilEnd && head.headers.keepConnection(version)
            let decoder = HTTPBodyDecoder(
                framing,
                limits: HTTPBodyDecoder.Limits(
                    trailerBytes: Self.limits.headerBytes, trailerFields: Self.limits.headerFields))
            body = decoder
            if decoder.isComplete { await finish() }
            return HTTPClientResponse(
                status: HTTPStatus(code), headers: head.headers,
                body: HTTPRequestBody(length: decoder.remaining) { try await self.nextPiece() })
        }
    }

    private func nextPiece() async throws -> [UInt8]? {
        do {
            while true {
                var piece: [UInt8] = []
                let progress = try body?.decode(&buffer, into: &piece) ?? .complete
                if progress == .complete { await finish() }
                if !piece.isEmpty { return piece }
                if progress == .complete { return nil }
                if let bytes = try await read() { buffer.append(bytes) } else { try body?.end() }
            }
        } catch {
            throw await failed(error)
        }
    }

    private func read() async throws -> [UInt8]? {
        guard Deadline.now() < deadline else { throw StreamError.timedOut }
        return try await stream.read(until: deadline)
    }

    // MARK: End

    private func finish() async {
        guard !isOver else { return }
        isOver = true
        // Bytes that nobody asked for would be taken for the next response; a request that is still being sent would
        // go on in the next one.
        if isKeptAlive, buffer.isEmpty, upload?.isSent ?? true { await keep() } else { await stream.close() }
        upload = nil
    }

    /// - Returns: what to throw.
    private func failed(_ error: any Error) async -> any Error {
        isOver = true
        let cause: any Error = upload?.failure ?? error
        upload = nil
        await stream.close()
        switch cause {
        case HTTPParseError.truncated: return HTTPClientError.connectionClosed
        case let cause as HTTPParseError: return HTTPClientError.malformedResponse(cause.description)
        case StreamError.timedOut: return HTTPClientError.deadlineExceeded
        case is StreamError, HTTPClientError.connectionClosed:
            return hasAnswered ? HTTPClientError.connectionClosed : NoAnswer()
        default: return cause
        }
    }
}

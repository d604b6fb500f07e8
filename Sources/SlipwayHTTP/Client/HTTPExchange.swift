import SlipwayBase
import SlipwayNet

/// One request and its response on one connection. Whoever holds the response's body holds this; when nobody does, the
/// connection closes.
actor HTTPExchange {
    nonisolated private let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let stream: any ByteStream
    private let method: HTTPMethod
    private let deadline: Deadline
    private var buffer = ReadBuffer()
    private var body: HTTPBodyDecoder?

    /// A response's header may be as large as anything we would ever read of it.
    private static let limits = HTTPHeadParser.Limits(startLineBytes: 8192, headerBytes: 131_072, headerFields: 500)

    init(_ stream: any ByteStream, method: HTTPMethod, until deadline: Deadline) {
        self.stream = stream
        self.method = method
        self.deadline = deadline
        executor = stream.executor
    }

    func run(_ request: HTTPClientRequest, _ url: HTTPURL) async throws -> HTTPClientResponse {
        do {
            let refusal = try await send(request, url)
            do {
                return try await receive()
            } catch StreamError.broken, HTTPClientError.connectionClosed {
                // The server may have refused early and hung up while we were still sending: what it said counts, and
                // if it said nothing, why we could not send.
                throw refusal ?? HTTPClientError.connectionClosed
            }
        } catch {
            await stream.close()
            throw Self.translate(error)
        }
    }

    /// - Returns: why not all of the request could be sent.
    private func send(_ request: HTTPClientRequest, _ url: HTTPURL) async throws -> (any Error)? {
        var headers = request.headers
        headers["Host"] = nil
        headers["Connection"] = nil
        headers["Content-Length"] = nil
        headers["Transfer-Encoding"] = nil
        var bytes = Array("\(request.method) \(url.target) HTTP/1.1\r\n".utf8)
        HTTPEncoder.append("Host", url.authority, to: &bytes)
        bytes += headers.bytes
        if !request.body.isEmpty || ![.get, .head, .delete, .options].contains(request.method) {
            HTTPEncoder.append("Content-Length", String(request.body.count), to: &bytes)
        }
        HTTPEncoder.append("Connection", "close", to: &bytes)
        bytes += HTTPEncoder.lineEnd
        if request.body.count <= 65_536 { bytes += request.body }
        do {
            try await stream.write(bytes, until: deadline)
            if request.body.count > 65_536 { try await stream.write(request.body, until: deadline) }
            return nil
        } catch StreamError.broken(let error) {
            return StreamError.broken(error)
        }
    }

    private func receive() async throws -> HTTPClientResponse {
        var parser = HTTPHeadParser(.status, limits: Self.limits)
        while true {
            guard let head = try parser.parse(&buffer) else {
                guard let bytes = try await read() else { throw HTTPClientError.connectionClosed }
                buffer.append(bytes)
                continue
            }
            guard case .status(let code, let version) = head.startLine else { throw HTTPParseError.malformedStartLine }
            // Others of the 1xx only announce the response (RFC 9110, section 15.2); this one ends HTTP, unasked.
            guard code != 101 else { throw HTTPClientError.malformedResponse("it switches to another protocol") }
            guard code >= 200 else { continue }
            let framing = try HTTPFraming.response(head.headers, version, status: code, to: method)
            let decoder = HTTPBodyDecoder(
                framing,
                limits: HTTPBodyDecoder.Limits(
                    trailerBytes: Self.limits.headerBytes, trailerFields: Self.limits.headerFields))
            body = decoder
            if decoder.isComplete { await stream.close() }
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
                if progress == .complete { await stream.close() }
                if !piece.isEmpty { return piece }
                if progress == .complete { return nil }
                if let bytes = try await read() { buffer.append(bytes) } else { try body?.end() }
            }
        } catch {
            await stream.close()
            throw Self.translate(error)
        }
    }

    private func read() async throws -> [UInt8]? {
        guard Deadline.now() < deadline else { throw StreamError.timedOut }
        return try await stream.read(until: deadline)
    }

    private static func translate(_ error: any Error) -> any Error {
        switch error {
        case HTTPParseError.truncated: HTTPClientError.connectionClosed
        case let error as HTTPParseError: HTTPClientError.malformedResponse(error.description)
        case StreamError.timedOut: HTTPClientError.deadlineExceeded
        case is StreamError: HTTPClientError.connectionClosed
        default: error
        }
    }
}

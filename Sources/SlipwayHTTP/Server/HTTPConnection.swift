import SlipwayBase
import SlipwayNet

/// One client's connection: reads a request, answers it, and reads the next, in the order in which they came.
actor HTTPConnection {
    nonisolated let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let stream: any ByteStream
    let limits: HTTPLimits
    nonisolated let peer: String
    private let router: Router
    private let room: BodyRoom
    private var parser: HTTPHeadParser
    /// Received and not yet used; the only buffer that a connection keeps.
    var buffer = ReadBuffer()
    /// The body of the request that is being answered.
    var body: IncomingBody?
    private var serial = 0
    /// Requests in a row that were there before the answer to the one before them.
    private var pipelined = 0
    private var isIdle = true
    private var isStopping = false
    private var clientHasEnded = false

    init(
        _ stream: any ByteStream, peer: String, limits: HTTPLimits, router: Router, room: BodyRoom
    ) {
        self.stream = stream
        self.peer = peer
        self.limits = limits
        self.router = router
        self.room = room
        executor = stream.executor
        parser = HTTPHeadParser(
            .request,
            limits: HTTPHeadParser.Limits(
                startLineBytes: limits.requestLineBytes, headerBytes: limits.headerBytes,
                headerFields: limits.headerFields))
    }

    /// Serves in a task of its own, on this actor's loop from its first step on.
    func start(in list: ConnectionList) {
        let task = Task(executorPreference: executor) {
            await self.serve()
            list.remove(self)
        }
        list.add(self, task)
    }

    /// Returns when the connection has ended, however that came about: a client that is gone or too slow is nobody's
    /// error.
    func serve() async {
        do {
            while let head = try await nextRequest() {
                guard try await answer(head) else {
                    await linger()
                    break
                }
            }
        } catch let refusal as Refusal {
            await refuse(refusal.error)
        } catch {}
        await stream.close()
    }

    /// No further request is taken. An idle connection ends now: its read ends with an error.
    func stop() async {
        isStopping = true
        if isIdle { await stream.close() }
    }

    /// What is answered although no request could be read.
    private struct Refusal: Error {
        var error: HTTPError
    }

    // MARK: Requests

    private func nextRequest() async throws -> HTTPRequestHead? {
        do {
            return try await readHead()
        } catch let error as HTTPParseError {
            throw Refusal(error: error.refusal)
        } catch StreamError.timedOut where !isIdle {
            throw Refusal(
                error: HTTPError(.requestTimeout, code: "request_timeout", message: "the request took too long"))
        }
    }

    /// - Returns: nil: the client has ended between two requests, or the server stops.
    private func readHead() async throws -> HTTPRequestHead? {
        isIdle = buffer.isEmpty
        pipelined = isIdle ? 0 : pipelined + 1
        var deadline = Deadline.after(
            !isIdle ? limits.headerTime : serial > 0 ? limits.idleTime : limits.firstByteTime)
        while true {
            if !buffer.isEmpty, let head = try parser.parse(&buffer) {
                isIdle = false
                return try HTTPRequestHead(head)
            }
            if isIdle, !buffer.isEmpty || parser.hasBegun {
                isIdle = false
                deadline = Deadline.after(limits.headerTime)
            }
            if isIdle, isStopping { return nil }
            guard let bytes = try await stream.read(until: deadline) else {
                clientHasEnded = true
                guard isIdle else { throw HTTPParseError.truncated }
                return nil
            }
            buffer.append(bytes)
        }
    }

    /// - Returns: whether another request may follow.
    private func answer(_ head: HTTPRequestHead) async throws -> Bool {
        serial += 1
        let current = serial
        body = head.framing == .length(0) ? nil : IncomingBody(head, limits: limits)
        let request = HTTPRequest(
            method: head.method, target: head.target, headers: head.headers,
            body: body == nil
                ? .empty
                : HTTPRequestBody(length: body?.decoder.remaining, room: room) { [self] in
                    try await readBody(of: current)
                },
            remoteAddress: peer, isSecure: stream.isSecure)
        let response =
            head.isAboutServer
            ? router.finished(HTTPResponse(.noContent), to: request) : await router.respond(to: request)
        let mayGoOn = head.keepsAlive && response.headers.keepConnection(.http11) && canSkipBody
        let keepsAlive = mayGoOn && !isStopping && pipelined < limits.pipelinedRequests
        let isComplete = try await send(response, to: head, keepsAlive: keepsAlive)
        guard keepsAlive, isComplete else { return false }
        return try await skipBody()
    }

    /// Answers what is no request that a handler could see, and ends.
    private func refuse(_ error: HTTPError) async {
        let request = HTTPRequest(
            method: .get, target: HTTPTarget.root, remoteAddress: peer, isSecure: stream.isSecure)
        let response = router.refuse(request, error)
        body = nil
        guard (try? await send(response, to: HTTPRequestHead.unreadable, keepsAlive: false)) != nil else { return }
        await linger()
    }

    // MARK: Bodies

    private func readBody(of request: Int) async throws -> [UInt8]? {
        guard request == serial, body != nil else {
            // The handler has answered and left; what it kept of the request is over.
            throw HTTPError.badRequest("the request has been answered")
        }
        return try await nextBodyPiece()
    }

    /// The next bytes of the current body, nil at its end.
    /// - Throws: `HTTPError`, so that a handler that lets it pass answers with the right status.
    func nextBodyPiece() async throws -> [UInt8]? {
        do {
            while true {
                var piece: [UInt8] = []
                let progress = try body?.decoder.decode(&buffer, into: &piece) ?? .complete
                if !piece.isEmpty { return piece }
                if progress == .complete { return nil }
                if body?.owesContinue == true {
                    body?.owesContinue = false
                    try await stream.write(HTTPEncoder.continueResponse, until: .after(limits.writeTime))
                }
                let start = Deadline.now()
                let bytes = try await stream.read(until: start + (body?.patience ?? .zero))
                body?.account(for: bytes?.count ?? 0, waitedSince: start)
                guard let bytes else {
                    clientHasEnded = true
                    throw HTTPParseError.truncated
                }
                buffer.append(bytes)
            }
        } catch let error as HTTPParseError {
            body?.hasFailed = true
            throw error.refusal
        } catch StreamError.timedOut {
            body?.hasFailed = true
            throw HTTPError(.requestTimeout, code: "request_timeout", message: "the body came too slowly")
        } catch {
            body?.hasFailed = true
            throw error
        }
    }

    /// Whether what a handler left of a body is worth reading for the sake of the connection. A client that still
    /// waits for "100 Continue" may or may not send the body: only closing is clear.
    private var canSkipBody: Bool {
        guard let body, !body.decoder.isComplete else { return body?.hasFailed != true }
        return !body.hasFailed && !body.owesContinue && (body.decoder.remaining ?? 0) <= IncomingBody.skippedBytes
    }

    private func skipBody() async throws -> Bool {
        guard body != nil else { return true }
        var skipped = 0
        while let piece = try await nextBodyPiece() {
            skipped += piece.count
            guard skipped <= IncomingBody.skippedBytes else { return false }
        }
        body = nil
        return true
    }

    /// Closing with unread data makes the kernel send a reset, which can take the answer away from a client that is
    /// still sending: so the end is announced, and for a while what comes is read and dropped (RFC 9112, section 9.6).
    private func linger() async {
        guard !clientHasEnded else { return }
        buffer.removeAll()
        await stream.closeWrite()
        let deadline = Deadline.after(.seconds(2))
        var dropped = 0
        while dropped < 16_777_216, let bytes = try? await stream.read(until: deadline) { dropped += bytes.count }
    }
}

import SlipwayBase
import SlipwayNet
import Synchronization

/// One client's connection: reads a request, answers it, and reads the next, in the order in which they came.
actor HTTPConnection {
    nonisolated var executor: QueueExecutor { stream.executor }
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let stream: ByteStream
    nonisolated let peer: String
    /// Whom it counts for, apart from what a proxy's requests count for.
    nonisolated let client: ClientNetwork
    /// Whether requests on it name the clients that they were forwarded for.
    nonisolated let isProxied: Bool
    private let site: HTTPSite
    private var parser: HTTPHeadParser
    /// Received and not yet used; the only buffer that a connection keeps.
    private var buffer = ReadBuffer()
    /// The body of the request that is being answered.
    private var body: IncomingBody?
    private var serial = 0
    /// Requests in a row that were there before the answer to the one before them.
    private var pipelined = 0
    /// No byte of a request has come since the last one.
    private var isIdle = true
    /// When what is waited for must be there.
    private var deadline: Deadline
    /// Does what takes more than a moment; nil while there is no such thing.
    private var task: Task<Void, Never>?
    /// For the task to do: what the client did not take of answers that were at hand, and then this.
    private var unsent: [UInt8] = []
    private var next: Next?
    private var isStopping = false
    private var clientHasEnded = false
    /// For `standing`, which others ask: the moment, and its highest bit for a request that is being answered.
    private nonisolated let situation: Atomic<UInt64>

    var limits: HTTPLimits { site.limits }

    init(_ stream: ByteStream, peer: String, of site: HTTPSite) {
        self.stream = stream
        self.peer = peer
        self.site = site
        client = ClientNetwork(peer)
        isProxied = site.isProxy(peer)
        let now = Deadline.now()
        situation = Atomic(now.nanoseconds)
        deadline = now + site.limits.firstByteTime
        parser = HTTPHeadParser(.request, limits: site.limits.head)
    }

    /// Once `site` has admitted it: serves until the connection has ended, however that comes about. A client that is
    /// gone or too slow is nobody's error.
    func start() { listen() }

    /// No further request is taken. An idle connection ends now.
    func stop() {
        isStopping = true
        // With a task an answer may still be leaving; when it has, the task ends the connection.
        if isIdle, task == nil { stream.assumeIsolated { $0.close() } }
    }

    /// Ends it, whatever is under way.
    func cancel() {
        if let task { task.cancel() } else { stream.assumeIsolated { $0.close() } }
    }

    /// Its place is another's now.
    nonisolated func giveWay() {
        executor.async { self.assumeIsolated { $0.cancel() } }
    }

    private func finish() {
        stream.assumeIsolated { $0.close() }
        site.connections.remove(self)
    }

    // MARK: Requests

    private indirect enum Next {
        case wait
        /// There may be more requests, but what was answered is enough for one write.
        case goOn
        /// A request, with its response where there is one already.
        case answer(HTTPRequestHead, HTTPResponse?)
        /// What came is no request.
        case refuse(HTTPError)
        /// After a request that was the last one, if there was any.
        case end(HTTPRequestHead?)
    }

    /// Waits without a task for what comes: thousands of connections do nothing else, and a task would take 5 kB of each.
    private func listen() {
        task = nil
        // `stop` or `cancel` may have come while an answer was leaving.
        guard !(isIdle && isStopping), !Task.isCancelled else { return finish() }
        stream.offer(to: self, until: deadline)
    }

    private func react(to bytes: [UInt8]) -> ByteStream.Reaction {
        buffer.append(bytes)
        let (reply, next) = proceed()
        if case .wait = next { return .goOn(sending: reply, until: deadline) }
        self.next = next
        return .stop(sending: reply)
    }

    private func offerDidEnd(_ ending: ByteStream.Ending) {
        switch ending {
        case .stopped(let unsent): self.unsent = unsent
        case .end:
            clientHasEnded = true
            next = isIdle ? .end(nil) : .refuse(HTTPParseError.truncated.refusal)
        case .failed(.timedOut) where !isIdle: next = .refuse(Self.tooSlow)
        case .failed: return finish()
        }
        if case .end(let head) = next, unsent.isEmpty, !needsToLinger(after: head) { return finish() }
        task = Task(executorPreference: executor) { await self.serve() }
    }

    private static let tooSlow = HTTPError(
        .requestTimeout, code: "request_timeout", message: "the request took too long")

    /// Until what there is to do is done.
    private func serve() async {
        do {
            while true {
                switch try await nextStep() {
                case .wait: return listen()
                case .goOn: continue
                case .answer(let head, let response):
                    if try await answer(head, with: response) { continue }
                    if needsToLinger(after: head) { await linger() }
                case .refuse(let error): try await refuse(error)
                case .end(let head):
                    if needsToLinger(after: head) { await linger() }
                }
                break
            }
        } catch {}
        finish()
    }

    private func nextStep() async throws -> Next {
        try await send(unsent)
        unsent = []
        if let next {
            self.next = nil
            return next
        }
        let (reply, next) = proceed()
        try await send(reply)
        return next
    }

    /// Sends answers that were at hand. The connection is not idle before they have left, and what is waited for next has
    /// its whole time after that.
    private func send(_ reply: [UInt8]) async throws {
        guard !reply.isEmpty else { return }
        let wasIdle = isIdle
        isIdle = false
        try await write(reply)
        isIdle = wasIdle
        restartClock()
    }

    /// Reads the requests that are there, and answers those whose answer is at hand, up to what one write takes: a client
    /// that sends many and reads nothing costs no more than that.
    private func proceed() -> (reply: [UInt8], Next) {
        var reply: [UInt8] = []
        do {
            while !buffer.isEmpty, let parsed = try parser.parse(&buffer) {
                let head = try HTTPRequestHead(parsed)
                isIdle = false
                guard head.framing == .length(0), !head.isAboutServer,
                    let response = site.router.answerAtHand(to: request(head))
                else { return (reply, .answer(head, nil)) }
                let keepsAlive = keepsAlive(after: head, response)
                let outgoing = Outgoing(response, to: head, keepsAlive: keepsAlive)
                guard case .nothing = outgoing.rest else { return (reply, .answer(head, response)) }
                if reply.isEmpty { reply = outgoing.bytes } else { reply += outgoing.bytes }
                guard outgoing.keepsAlive else { return (reply, .end(head)) }
                isAnswered()
                guard reply.count < Outgoing.joinedBytes else { return (reply, .goOn) }
            }
            if isIdle, !buffer.isEmpty || parser.hasBegun {
                isIdle = false
                restartClock()
            }
            return (reply, isIdle && isStopping ? .end(nil) : .wait)
        } catch {
            return (reply, .refuse(error.refusal))
        }
    }

    /// What follows a request that was answered.
    private func isAnswered() {
        serial += 1
        isIdle = buffer.isEmpty
        pipelined = isIdle ? 0 : pipelined + 1
        restartClock()
    }

    /// What is waited for has its whole time from now on.
    private func restartClock() {
        let now = Deadline.now()
        situation.store(now.nanoseconds, ordering: .relaxed)
        deadline = now + (isIdle ? limits.idleTime : limits.headerTime)
    }

    private static let busy: UInt64 = 1 << 63

    /// A request is there, with all of its body or not yet.
    private func mark(isWhole: Bool) {
        situation.store(Deadline.now().nanoseconds | (isWhole ? Self.busy : 0), ordering: .relaxed)
    }

    nonisolated var standing: Places<HTTPConnection>.Standing {
        let situation = situation.load(ordering: .relaxed)
        return situation & Self.busy == 0 ? .waiting(since: situation) : .busy(since: situation & ~Self.busy)
    }

    private func keepsAlive(after head: HTTPRequestHead, _ response: HTTPResponse) -> Bool {
        head.keepsAlive && response.headers.keepConnection(.http11) && canSkipBody && !isStopping
            && pipelined < limits.pipelinedRequests
    }

    private func request(_ head: HTTPRequestHead) -> HTTPRequest {
        HTTPRequest(
            method: head.method, target: head.target, headers: head.headers, remoteAddress: peer,
            isSecure: stream.isSecure)
    }

    /// - Returns: whether another request may follow.
    private func answer(_ head: HTTPRequestHead, with known: HTTPResponse?) async throws -> Bool {
        body = head.framing == .length(0) ? nil : IncomingBody(head, limits: limits)
        mark(isWhole: body == nil)
        let request = request(head)
        guard isProxied else { return try await answer(head, request, for: client, with: known) }
        let client = site.client(of: request)
        guard site.connections.count(self, for: client, isBounded: true) else {
            return try await answer(head, request, for: client, with: site.router.refuse(request, Self.tooMany))
        }
        defer { _ = site.connections.count(self, for: self.client, isBounded: false) }
        return try await answer(head, request, for: client, with: known)
    }

    private func answer(
        _ head: HTTPRequestHead, _ request: HTTPRequest, for client: ClientNetwork, with known: HTTPResponse?
    ) async throws -> Bool {
        let response = if let known { known } else { await respond(to: head, request, for: client) }
        let keepsAlive = keepsAlive(after: head, response)
        let isComplete = try await send(Outgoing(response, to: head, keepsAlive: keepsAlive))
        guard keepsAlive, isComplete, try await skipBody() else { return false }
        isAnswered()
        return true
    }

    private static let tooMany = HTTPError(
        .serviceUnavailable, code: "too_many_requests",
        message: "too many requests of this address are being answered; try again later",
        headers: ["Retry-After": "5"])

    private func respond(
        to head: HTTPRequestHead, _ request: HTTPRequest, for client: ClientNetwork
    ) async -> HTTPResponse {
        guard !head.isAboutServer else { return site.router.finished(HTTPResponse(.noContent), to: request) }
        guard let body else { return await site.router.respond(to: request) }
        let current = serial
        let room = site.room(for: client) { [weak self] in
            guard let self else { return }
            executor.async { self.assumeIsolated { $0.bodyGivesWay(of: current) } }
        }
        var request = request
        request.body = HTTPRequestBody(length: body.decoder.remaining, room: room) { [self] in
            try await readBody(of: current)
        }
        return await site.router.respond(to: request)
    }

    /// Answers what is no request that a handler could see.
    private func refuse(_ error: HTTPError) async throws {
        let response = site.router.refuse(request(.unreadable), error)
        body = nil
        _ = try await send(Outgoing(response, to: .unreadable, keepsAlive: false))
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

    /// Others need the room that the body of a request holds.
    private func bodyGivesWay(of request: Int) {
        guard request == serial, let body, !body.decoder.isComplete else { return }
        body.hasGivenWay = true
        stream.assumeIsolated { $0.cutShort() }
    }

    /// The next bytes of the current body, nil at its end.
    /// - Throws: `HTTPError`, so that a handler that lets it pass answers with the right status.
    func nextBodyPiece() async throws -> [UInt8]? {
        do {
            while true {
                var piece: [UInt8] = []
                let progress = try body?.decoder.decode(&buffer, into: &piece) ?? .complete
                if !piece.isEmpty { return piece }
                if progress == .complete {
                    mark(isWhole: true)
                    return nil
                }
                if body?.owesContinue == true {
                    body?.owesContinue = false
                    try await stream.write(HTTPEncoder.continueResponse, until: .after(limits.writeTime))
                }
                let start = Deadline.now()
                let bytes = try await stream.read(until: start + (body?.patience ?? .zero))
                body?.account(for: bytes?.count ?? 0, after: start.elapsed)
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
            guard body?.hasGivenWay != true else { throw BodyBudget.gaveWay }
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

    /// A client that said that this was its last request sends nothing more.
    /// - Parameter head: nil: there was none.
    private func needsToLinger(after head: HTTPRequestHead?) -> Bool {
        guard let head else { return false }
        return head.keepsAlive || !buffer.isEmpty || body?.decoder.isComplete == false
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

extension HTTPConnection: Hashable {
    nonisolated static func == (left: HTTPConnection, right: HTTPConnection) -> Bool { left === right }
    nonisolated func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension HTTPConnection: ByteStream.Receiver {
    nonisolated func receive(_ bytes: [UInt8]) -> ByteStream.Reaction {
        assumeIsolated { $0.react(to: bytes) }
    }

    nonisolated func offerEnded(_ ending: ByteStream.Ending) {
        assumeIsolated { $0.offerDidEnd(ending) }
    }
}

import SlipwayBase
import SlipwayNet
import Synchronization

/// One client's connection: reads a request, answers it, and reads the next, in the order in which they came. What comes
/// next is decided by `HTTPConnectionMachine`; here it is done.
///
/// Without a task it waits, and answers what is at hand: thousands of connections do nothing else than wait, and a task
/// would take 5 kB of each and more time than a small answer. With a task it does what takes time: a handler's work, and
/// writing to a client that does not take the answers at once.
actor HTTPConnection {
    private typealias Action = HTTPConnectionMachine.Action

    nonisolated var executor: QueueExecutor { stream.executor }
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let stream: ByteStream
    nonisolated let peer: String
    /// Whom it counts for, apart from what a proxy's requests count for.
    nonisolated let client: ClientNetwork
    /// Whether requests on it name the clients that they were forwarded for.
    nonisolated let isProxied: Bool
    private let site: HTTPSite
    private var machine: HTTPConnectionMachine {
        didSet { situation.store(Self.situation(machine.since, isBusy: machine.isBusy), ordering: .relaxed) }
    }
    /// Does what takes more than a moment; nil while there is no such thing.
    private var task: Task<Void, Never>?
    /// An answer that was at hand and takes time to leave: for the task.
    private var known: HTTPResponse?
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
        machine = HTTPConnectionMachine(limits: site.limits, at: now)
        situation = Atomic(Self.situation(now, isBusy: false))
    }

    /// Once `site` has admitted it: serves until the connection has ended, however that comes about. A client that is
    /// gone or too slow is nobody's error.
    func start() {
        let now = Deadline.now()
        goOn(with: machine.start(at: now), at: now)
    }

    /// No further request is taken. An idle connection ends now.
    func stop() {
        if machine.stop() { stream.assumeIsolated { $0.close() } }
    }

    /// Ends it, whatever is under way.
    func cancel() {
        machine.cancel()
        if let task { task.cancel() } else { stream.assumeIsolated { $0.close() } }
    }

    /// Its place is another's now.
    nonisolated func giveWay() {
        executor.async { self.assumeIsolated { $0.cancel() } }
    }

    private static let busy: UInt64 = 1 << 63

    private static func situation(_ since: Deadline, isBusy: Bool) -> UInt64 {
        since.nanoseconds | (isBusy ? busy : 0)
    }

    nonisolated var standing: Places<HTTPConnection>.Standing {
        let situation = situation.load(ordering: .relaxed)
        return situation & Self.busy == 0 ? .waiting(since: situation) : .busy(since: situation & ~Self.busy)
    }

    // MARK: Without a task

    private func goOn(with action: Action, at now: Deadline) {
        if let deadline = perform(action, at: now) { stream.offer(to: self, until: deadline) }
    }

    /// Does what there is to do until something takes time, which a task then does.
    /// - Parameter now: one moment for all of it, because none of it takes time.
    /// - Returns: by when the next bytes must come; nil: they are not read now.
    private func perform(_ first: Action, at now: Deadline) -> Deadline? {
        var action = first
        while true {
            switch action {
            case .read(let deadline): return deadline
            case .answerAtHand(let head): action = answerAtHand(head, at: now)
            case .refuse(let error): action = refuse(error, at: now)
            case .send(let bytes):
                guard let unsent = try? stream.sendAtOnce(bytes) else {
                    action = machine.failed()
                    continue
                }
                guard unsent.isEmpty else { return work(on: .send(unsent)) }
                action = machine.sent(at: now)
            case .answer: return work(on: action)
            case .linger(let deadline):
                stream.assumeIsolated { $0.closeWrite() }
                return deadline
            case .close:
                stream.assumeIsolated { $0.close() }
                site.connections.remove(self)
                return nil
            }
        }
    }

    private func answerAtHand(_ head: HTTPRequestHead, at now: Deadline) -> Action {
        guard let response = site.router.answerAtHand(to: request(head)) else {
            return machine.takesTime(head, at: now)
        }
        return answer(head, with: response, at: now)
    }

    /// Answers what is not a request that a handler could see.
    private func refuse(_ error: HTTPError, at now: Deadline) -> Action {
        answer(.unreadable, with: site.router.refuse(request(.unreadable), error), at: now)
    }

    private func answer(_ head: HTTPRequestHead, with response: HTTPResponse, at now: Deadline) -> Action {
        let outgoing = outgoing(response, to: head)
        guard case .nothing = outgoing.rest else {
            known = response
            return machine.takesTime(head, at: now)
        }
        return machine.answered(outgoing.bytes, goesOn: outgoing.keepsAlive, at: now)
    }

    private func outgoing(_ response: HTTPResponse, to head: HTTPRequestHead) -> Outgoing {
        let keepsAlive = machine.answerBegins(handlerGoesOn: response.headers.keepConnection(.http11))
        return Outgoing(response, to: head, keepsAlive: keepsAlive)
    }

    private func request(_ head: HTTPRequestHead) -> HTTPRequest {
        HTTPRequest(
            method: head.method, target: head.target, headers: head.headers, remoteAddress: peer,
            isSecure: stream.isSecure)
    }

    // MARK: With a task

    private func work(on action: Action) -> Deadline? {
        task = Task(executorPreference: executor) { await self.serve(action) }
        return nil
    }

    /// Until nothing of what there is to do takes time.
    private func serve(_ first: Action) async {
        var action = first
        while true {
            do {
                switch action {
                case .answer(let head): action = try await answer(head)
                case .answerAtHand(let head): action = answerAtHand(head, at: .now())
                case .refuse(let error): action = refuse(error, at: .now())
                case .send(let bytes):
                    try await write(bytes)
                    action = machine.sent(at: .now())
                case .read, .linger, .close:
                    task = nil
                    return goOn(with: action, at: .now())
                }
            } catch {
                action = machine.failed()
            }
        }
    }

    private func answer(_ head: HTTPRequestHead) async throws -> Action {
        let request = request(head)
        guard isProxied else { return try await answer(head, request, for: client) }
        let client = site.client(of: request)
        guard site.connections.count(self, for: client, isBounded: true) else {
            known = site.router.refuse(request, Self.tooMany)
            return try await answer(head, request, for: client)
        }
        defer { _ = site.connections.count(self, for: self.client, isBounded: false) }
        return try await answer(head, request, for: client)
    }

    private static let tooMany = HTTPError(
        .serviceUnavailable, code: "too_many_requests",
        message: "too many requests of this address are being answered; try again later",
        headers: ["Retry-After": "5"])

    private func answer(
        _ head: HTTPRequestHead, _ request: HTTPRequest, for client: ClientNetwork
    ) async throws -> Action {
        let response = if let known { known } else { await respond(to: head, request, for: client) }
        known = nil
        let outgoing = outgoing(response, to: head)
        let isComplete = try await send(outgoing)
        return machine.answered(goesOn: isComplete && outgoing.keepsAlive, at: .now())
    }

    private func respond(
        to head: HTTPRequestHead, _ request: HTTPRequest, for client: ClientNetwork
    ) async -> HTTPResponse {
        guard !head.isAboutServer else { return site.router.finished(HTTPResponse(.noContent), to: request) }
        guard head.framing != .length(0) else { return await site.router.respond(to: request) }
        let number = machine.number
        let room = site.room(for: client) { [weak self] in
            guard let self else { return }
            executor.async { self.assumeIsolated { $0.bodyGivesWay(of: number) } }
        }
        var request = request
        request.body = HTTPRequestBody(length: head.framing.length, room: room) { [self] in
            try await readBody(of: number)
        }
        return await site.router.respond(to: request)
    }

    // MARK: Bodies

    /// The next bytes of a request's body, nil at its end.
    /// - Throws: `HTTPError`, or what ended the connection.
    private func readBody(of request: Int) async throws -> [UInt8]? {
        var action = machine.bodyIsWanted(of: request, at: .now())
        while true {
            do {
                switch action {
                case .piece(let bytes): return bytes
                case .end: return nil
                case .fail(let error): throw error
                case .sendContinue:
                    try await stream.write(HTTPEncoder.continueResponse, until: .after(limits.writeTime))
                    action = machine.bodyIsWanted(of: request, at: .now())
                case .read(let deadline):
                    let bytes = try await stream.read(until: deadline)
                    action = machine.bodyReceived(bytes, of: request, at: .now())
                }
            } catch StreamError.timedOut {
                action = machine.timeOfBodyIsOver(of: request, at: .now())
            } catch {
                machine.bodyFailed(of: request)
                throw error
            }
        }
    }

    /// Others need the room that the body of a request holds.
    private func bodyGivesWay(of request: Int) {
        if machine.bodyGivesWay(of: request) { stream.assumeIsolated { $0.cutShort() } }
    }
}

extension HTTPConnection: Hashable {
    nonisolated static func == (left: HTTPConnection, right: HTTPConnection) -> Bool { left === right }
    nonisolated func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension HTTPConnection: ByteStream.Receiver {
    nonisolated func receive(_ bytes: [UInt8]) -> Deadline? {
        assumeIsolated { connection in
            let now = Deadline.now()
            return connection.perform(connection.machine.received(bytes, at: now), at: now)
        }
    }

    nonisolated func offerEnded(_ ending: ByteStream.Ending) {
        assumeIsolated { connection in
            let now = Deadline.now()
            let action =
                switch ending {
                case .end: connection.machine.clientEnded(at: now)
                case .failed(.timedOut): connection.machine.timeIsOver(at: now)
                case .failed: connection.machine.failed()
                }
            connection.goOn(with: action, at: now)
        }
    }
}

import SlipwayNet

/// What becomes of one client's connection, as a value: what happened goes in, with its moment, and what is to be done
/// next comes out. It reads no socket, asks no clock and starts no task: `HTTPConnection` does all that.
///
///     ┌─▶ idle ──first byte──▶ head ──its end──▶ answering ──answered──▶ skipping ──▶ the next request: idle or head
///     │                         │                    │                      │
///     │                   not a request        the last answer      too much is left
///     │                         ▼                    ▼                      │
///     │                     refusing ──────────▶ lingering ◀────────────────┘
///     │                                              ▼
///     start                                        closed
///
/// | state     | means that                      | bytes      | the client's end    | time is over      | the server stops |
/// | --------- | ------------------------------- | ---------- | ------------------- | ----------------- | ---------------- |
/// | idle      | no request has begun            | head       | closed              | closed            | closed           |
/// | head      | a request is arriving           | are parsed | refusing: 400       | refusing: 408     | its answer is the last |
/// | answering | its answer is owed              | its body's | the body fails: 400 | body fails: 408   | this is the last |
/// | skipping  | its body was not wanted         | dropped    | closed              | closed            | closed after it  |
/// | refusing  | what came is not a request      | not read   | not seen            | the write's       | goes on          |
/// | lingering | all is said, the client may not know | dropped | closed            | closed            | goes on          |
///
/// Whatever fails, or is cancelled, is closed. Nobody lingers for a client that has ended its side, or that has said that
/// this is its last request and sends nothing more.
struct HTTPConnectionMachine {
    enum Action {
        /// Reads, and offers what comes; then `received`, `clientEnded`, `timeIsOver` or `failed`.
        case read(until: Deadline)
        /// Answers a request without a body if that takes no time; then `answered` or `takesTime`.
        case answerAtHand(HTTPRequestHead)
        /// Answers a request however long it takes; then `answered`. Meanwhile its body may be read.
        case answer(HTTPRequestHead)
        /// Answers what is not a request; then `answered` or `takesTime`.
        case refuse(HTTPError)
        /// Sends answers that were at hand; then `sent` or `failed`.
        case send([UInt8])
        /// Says that nothing more comes from here, and reads as in `read`.
        case linger(until: Deadline)
        case close
    }

    private enum State { case idle, head, answering, skipping, refusing, lingering, closed }

    /// What comes once the answers that are owed have left.
    private enum Sequel {
        case nextRequest
        case answer(HTTPRequestHead)
        case refuse(HTTPError)
        case end
    }

    /// Which request is read or answered.
    private(set) var number = 0
    /// Since when a whole request is awaited, or answered where `isBusy`.
    private(set) var since: Deadline
    private(set) var isBusy = false

    private let limits: HTTPLimits
    private var state = State.idle
    /// When what is awaited must be there.
    private var deadline: Deadline
    private var parser: HTTPHeadParser
    /// Received and not yet used; the only buffer that a connection keeps.
    private var buffer = ReadBuffer()
    /// The body of the request that is being answered; nil: it has none.
    private var body: IncomingBody?
    /// Whether the client may send another request after this one.
    private var clientGoesOn = false
    /// Requests in a row that were there before the answer to the one before them.
    private var pipelined = 0
    /// Answers that were at hand and have not left, together in one write.
    private var owed: [UInt8] = []
    /// nil: none are leaving.
    private var sequel: Sequel?
    /// Bytes of this request's body that were skipped, or that came while lingering.
    private var dropped = 0
    private var isStopping = false
    private var clientHasEnded = false

    private static let lingerTime = Duration.seconds(2)
    private static let lingerBytes = 16_777_216

    init(limits: HTTPLimits, at now: Deadline) {
        self.limits = limits
        since = now
        deadline = now + limits.firstByteTime
        parser = HTTPHeadParser(.request, limits: limits.head)
    }

    // MARK: What happens

    mutating func start(at now: Deadline) -> Action { state == .closed ? .close : nextRequest(at: now) }

    mutating func received(_ bytes: [UInt8], at now: Deadline) -> Action {
        switch state {
        case .idle, .head:
            buffer.append(bytes)
            return nextRequest(at: now)
        case .skipping:
            buffer.append(bytes)
            body?.received(bytes.count, at: now)
            return skipBody(at: now)
        case .lingering:
            dropped += bytes.count
            return dropped < Self.lingerBytes ? .read(until: deadline) : close()
        case .answering, .refusing, .closed: return close()
        }
    }

    mutating func clientEnded(at now: Deadline) -> Action {
        clientHasEnded = true
        return state == .head ? refuse(HTTPParseError.truncated.refusal, at: now) : close()
    }

    mutating func timeIsOver(at now: Deadline) -> Action {
        state == .head ? refuse(Self.requestTooSlow, at: now) : close()
    }

    /// The answer is not at hand, or its end is not.
    mutating func takesTime(_ head: HTTPRequestHead, at now: Deadline) -> Action { flush(then: .answer(head), at: now) }

    /// A request was answered: with these bytes, which are sent as soon as nothing more is at hand, or the answer has left.
    /// - Parameter goesOn: whether the answer was whole, and its header did not say that it is the last.
    mutating func answered(_ bytes: [UInt8] = [], goesOn: Bool, at now: Deadline) -> Action {
        // Whoever kept the body beyond its answer and reads it would take the bytes of the next request.
        guard state == .answering || state == .refusing, body?.isBeingRead != true else { return close() }
        if owed.isEmpty { owed = bytes } else { owed += bytes }
        guard goesOn else { return flush(then: .end, at: now) }
        return body == nil ? requestIsOver(at: now) : skipBody(at: now)
    }

    mutating func sent(at now: Deadline) -> Action {
        guard let sequel else { return close() }
        self.sequel = nil
        // Who takes the answers slowly has the whole time for the next request nevertheless.
        if state == .idle || state == .head { restartClock(at: now) }
        return proceed(to: sequel, at: now)
    }

    mutating func failed() -> Action { close() }

    /// Whatever is under way ends.
    mutating func cancel() { state = .closed }

    /// No further request is taken.
    /// - Returns: whether the connection, which was idle, ends now. Otherwise it does so after what is under way.
    mutating func stop() -> Bool {
        isStopping = true
        guard state == .idle, sequel == nil else { return false }
        state = .closed
        return true
    }

    /// An answer begins.
    /// - Parameter handlerGoesOn: whether it leaves the connection open, if it is asked.
    /// - Returns: whether another may follow, which the answer's header has to say.
    mutating func answerBegins(handlerGoesOn: Bool) -> Bool {
        body?.answerBegins()
        return clientGoesOn && handlerGoesOn && body?.canBeSkipped != false && !isStopping
            && pipelined < limits.pipelinedRequests
    }

    // MARK: Requests

    /// Reads the requests that are there. Their answers, if they are at hand, leave together, up to what one write takes:
    /// a client that sends many and reads nothing costs no more than that.
    private mutating func nextRequest(at now: Deadline) -> Action {
        guard owed.count < Outgoing.joinedBytes else { return flush(then: .nextRequest, at: now) }
        do throws(HTTPParseError) {
            guard !buffer.isEmpty, let parsed = try parser.parse(&buffer) else { return awaitRequest(at: now) }
            let head = try HTTPRequestHead(parsed)
            state = .answering
            clientGoesOn = head.keepsAlive
            guard head.framing == .length(0), !head.isAboutServer else { return flush(then: .answer(head), at: now) }
            return .answerAtHand(head)
        } catch {
            return refuse(error.refusal, at: now)
        }
    }

    private mutating func awaitRequest(at now: Deadline) -> Action {
        if state == .idle, !buffer.isEmpty || parser.hasBegun {
            state = .head
            restartClock(at: now)
        }
        guard owed.isEmpty else { return flush(then: .nextRequest, at: now) }
        return state == .idle && isStopping ? close() : .read(until: deadline)
    }

    private mutating func requestIsOver(at now: Deadline) -> Action {
        body = nil
        number += 1
        state = .idle
        pipelined = buffer.isEmpty ? 0 : pipelined + 1
        restartClock(at: now)
        return nextRequest(at: now)
    }

    /// What is awaited has its whole time from now on.
    private mutating func restartClock(at now: Deadline) {
        since = now
        isBusy = false
        deadline = now + (state == .idle ? limits.idleTime : limits.headerTime)
    }

    private static let requestTooSlow = HTTPError(
        .requestTimeout, code: "request_timeout", message: "the request took too long")
    private static let bodyTooSlow = HTTPError(
        .requestTimeout, code: "request_timeout", message: "the body came too slowly")

    private mutating func refuse(_ error: HTTPError, at now: Deadline) -> Action {
        state = .refusing
        clientGoesOn = false
        return flush(then: .refuse(error), at: now)
    }

    // MARK: Sending

    /// Lets what is owed leave before something else happens.
    private mutating func flush(then sequel: Sequel, at now: Deadline) -> Action {
        guard !owed.isEmpty else { return proceed(to: sequel, at: now) }
        self.sequel = sequel
        defer { owed = [] }
        return .send(owed)
    }

    private mutating func proceed(to sequel: Sequel, at now: Deadline) -> Action {
        guard state != .closed else { return .close }
        switch sequel {
        case .nextRequest: return nextRequest(at: now)
        case .refuse(let error): return .refuse(error)
        case .end: return end(at: now)
        case .answer(let head):
            body = head.framing == .length(0) ? nil : IncomingBody(head, limits: limits)
            dropped = 0
            since = now
            isBusy = body == nil
            return .answer(head)
        }
    }

    // MARK: Bodies

    /// The handler of a request wants the next bytes of its body.
    mutating func bodyIsWanted(of request: Int, at now: Deadline) -> IncomingBody.Action {
        // The handler has answered and left; what it kept of the request is over.
        guard isAnswering(request) else { return .fail(HTTPError.badRequest("the request has been answered")) }
        return nextOfBody(at: now)
    }

    /// - Parameter bytes: nil: the client has ended its side.
    mutating func bodyReceived(_ bytes: [UInt8]?, of request: Int, at now: Deadline) -> IncomingBody.Action {
        if let bytes {
            buffer.append(bytes)
            body?.received(bytes.count, at: now)
        } else {
            clientHasEnded = true
            bodyFailed(HTTPParseError.truncated.refusal, of: request)
        }
        return bodyIsWanted(of: request, at: now)
    }

    mutating func timeOfBodyIsOver(of request: Int, at now: Deadline) -> IncomingBody.Action {
        bodyFailed(Self.bodyTooSlow, of: request)
        return bodyIsWanted(of: request, at: now)
    }

    /// It cannot be read any more, and so it is not skipped either.
    mutating func bodyFailed(_ error: HTTPError = HTTPParseError.truncated.refusal, of request: Int) {
        if isAnswering(request) { body?.fail(error) }
    }

    /// Others need the room that the body of a request holds.
    /// - Returns: whether somebody reads it, who is to be told that the time is over.
    mutating func bodyGivesWay(of request: Int) -> Bool {
        request == number && body?.giveWay() == true && state == .answering && body?.isBeingRead == true
    }

    private func isAnswering(_ request: Int) -> Bool { request == number && state == .answering && body != nil }

    private mutating func nextOfBody(at now: Deadline) -> IncomingBody.Action {
        let action = body?.next(of: &buffer, at: now) ?? .end
        if case .end = action {
            since = now
            isBusy = true
        }
        return action
    }

    private mutating func skipBody(at now: Deadline) -> Action {
        state = .skipping
        while true {
            switch nextOfBody(at: now) {
            case .end: return requestIsOver(at: now)
            case .read(let deadline): return .read(until: deadline)
            case .sendContinue, .fail: return end(at: now)
            case .piece(let bytes):
                dropped += bytes.count
                guard dropped <= IncomingBody.skippedBytes else { return end(at: now) }
            }
        }
    }

    // MARK: Ends

    /// After the last answer. Closing with unread data makes the kernel send a reset, which can take the answer away from a
    /// client that is still sending: so the end is announced, and for a while what comes is read and dropped (RFC 9112,
    /// section 9.6).
    private mutating func end(at now: Deadline) -> Action {
        let maySendMore = clientGoesOn || state == .refusing || !buffer.isEmpty || body?.isComplete == false
        guard maySendMore, !clientHasEnded else { return close() }
        state = .lingering
        since = now
        isBusy = false
        buffer.removeAll()
        deadline = now + Self.lingerTime
        return .linger(until: deadline)
    }

    private mutating func close() -> Action {
        state = .closed
        return .close
    }
}

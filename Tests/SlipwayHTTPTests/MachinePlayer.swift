import SlipwayNet

@testable import SlipwayHTTP

/// Plays the connection's part for a machine, without a socket and by a clock that stands still unless it is moved, and
/// notes in words everything that the machine wants done.
///
/// Handlers go by the path: `/at-hand…` is at hand, `/last…` too and says that it is the last, `/large…` has 40,000 bytes
/// at hand, everything else takes time. An answer's bytes are its path in brackets.
struct MachinePlayer {
    typealias Action = HTTPConnectionMachine.Action

    private(set) var machine: HTTPConnectionMachine
    private(set) var now = Deadline.now()
    /// What is to be done next.
    private(set) var action = Action.close
    private(set) var actions: [String] = []
    /// All that left for the client, answers that took time included.
    private(set) var wire = ""
    /// The heads in the order in which they were handed out, each with what was read of its body.
    private(set) var requests: [String] = []
    private var hasReadBody = false

    init(_ change: (inout HTTPLimits) -> Void = { _ in }) {
        var limits = HTTPLimits()
        change(&limits)
        machine = HTTPConnectionMachine(limits: limits, at: now)
        note(machine.start(at: now))
    }

    // MARK: What happens

    mutating func wait(_ duration: Duration) { now = now + duration }

    /// The client sends this, all at once.
    mutating func receive(_ text: String) { receive(Array(text.utf8)) }
    mutating func receive(_ bytes: [UInt8]) { note(machine.received(bytes, at: now)) }

    mutating func end() { note(machine.clientEnded(at: now)) }
    mutating func timeIsOver() { note(machine.timeIsOver(at: now)) }
    mutating func fail() { note(machine.failed()) }
    mutating func cancel() { machine.cancel() }

    mutating func stop() {
        if machine.stop() { note(.close) }
    }

    // MARK: What is done

    /// Does one thing; nothing where the client or the handler would have to come first.
    /// - Returns: whether there was one.
    @discardableResult
    mutating func step() -> Bool {
        switch action {
        case .answerAtHand(let head):
            let path = head.target.path
            guard path.hasPrefix("/at-hand") || path.hasPrefix("/last") || path.hasPrefix("/large") else {
                takesTime()
                return true
            }
            answerAtHand()
        case .refuse(let error): answer("[\(error.status.code)]", goesOn: true)
        case .send: sent()
        case .answer, .read, .linger, .close: return false
        }
        return true
    }

    /// Does what can be done, and answers what takes time after its body was read.
    mutating func run() {
        while true {
            while step() {}
            guard case .answer(let head) = action else { return }
            if head.framing != .length(0), !head.target.path.hasPrefix("/ignore") {
                if case .read = readBody() { return }
            }
            answer()
        }
    }

    mutating func takesTime() {
        guard case .answerAtHand(let head) = action else { return }
        note(machine.takesTime(head, at: now))
    }

    mutating func answerAtHand() {
        guard case .answerAtHand(let head) = action else { return }
        let path = head.target.path
        let padding = path.hasPrefix("/large") ? String(repeating: ".", count: 40_000) : ""
        answer("[\(path)\(padding)]", goesOn: !path.hasPrefix("/last"))
    }

    private mutating func answer(_ text: String, goesOn: Bool) {
        let goesOn = machine.answerBegins(handlerGoesOn: goesOn)
        note(machine.answered(Array(text.utf8), goesOn: goesOn, at: now))
    }

    /// The answer to a request that took time has left.
    /// - Parameter goesOn: whether it was whole, and its handler leaves the connection open.
    mutating func answer(goesOn: Bool = true) {
        guard case .answer(let head) = action else { return }
        let goesOn = machine.answerBegins(handlerGoesOn: goesOn)
        wire += "[\(head.target.path)]"
        note(machine.answered(goesOn: goesOn, at: now))
    }

    mutating func beginAnswer() -> Bool { machine.answerBegins(handlerGoesOn: true) }

    /// The kernel took what was to be sent.
    mutating func sent() {
        guard case .send(let bytes) = action else { return }
        wire += String(decoding: bytes, as: UTF8.self)
        note(machine.sent(at: now))
    }

    // MARK: Bodies

    @discardableResult
    mutating func wantBody(of request: Int? = nil) -> IncomingBody.Action {
        note(machine.bodyIsWanted(of: request ?? machine.number, at: now))
    }

    /// - Parameter text: nil: the client has ended its side.
    @discardableResult
    mutating func receiveBody(_ text: String?, of request: Int? = nil) -> IncomingBody.Action {
        note(machine.bodyReceived(text.map { Array($0.utf8) }, of: request ?? machine.number, at: now))
    }

    @discardableResult
    mutating func timeOfBodyIsOver() -> IncomingBody.Action {
        note(machine.timeOfBodyIsOver(of: machine.number, at: now))
    }

    mutating func bodyFails() { machine.bodyFailed(of: machine.number) }

    /// Others need the room that the body holds.
    mutating func giveWay(of request: Int? = nil) {
        if machine.bodyGivesWay(of: request ?? machine.number) { actions.append("body: cut short") }
    }

    /// Until its end, a failure, or bytes that have not come.
    private mutating func readBody() -> IncomingBody.Action {
        while true {
            let action = wantBody()
            switch action {
            case .piece, .sendContinue: continue
            case .end, .read, .fail: return action
            }
        }
    }

    // MARK: In words

    private mutating func note(_ action: Action) {
        self.action = action
        switch action {
        case .answerAtHand(let head): begin(head)
        // The others were at hand, perhaps.
        case .answer(let head) where head.framing != .length(0) || head.isAboutServer: begin(head)
        default: break
        }
        actions.append(words(action))
    }

    private mutating func begin(_ head: HTTPRequestHead) {
        requests.append(Self.words(head))
        hasReadBody = false
    }

    private mutating func note(_ action: IncomingBody.Action) -> IncomingBody.Action {
        switch action {
        case .piece(let bytes):
            requests[requests.count - 1] += (hasReadBody ? "" : " ") + String(decoding: bytes, as: UTF8.self)
            hasReadBody = true
        case .sendContinue: wire += "[100]"
        case .end, .read, .fail: break
        }
        actions.append("body: " + words(action))
        return action
    }

    static func words(_ head: HTTPRequestHead) -> String {
        "\(head.method) \(head.isAboutServer ? "*" : head.target.path)"
    }

    private func words(_ action: Action) -> String {
        switch action {
        case .read(let deadline): "read \(seconds(deadline))"
        case .answerAtHand(let head): "at hand? " + Self.words(head)
        case .answer(let head): "answer " + Self.words(head)
        case .refuse(let error): "refuse \(error.status.code)"
        case .send(let bytes) where bytes.count > 1000: "send \(bytes.count)"
        case .send(let bytes): "send " + String(decoding: bytes, as: UTF8.self)
        case .linger(let deadline): "linger \(seconds(deadline))"
        case .close: "close"
        }
    }

    private func words(_ action: IncomingBody.Action) -> String {
        switch action {
        case .piece(let bytes): String(decoding: bytes, as: UTF8.self)
        case .end: "end"
        case .sendContinue: "continue"
        case .read(let deadline): "read \(seconds(deadline))"
        case .fail(let error): "fail \(error.status.code)"
        }
    }

    private func seconds(_ deadline: Deadline) -> String { "\(deadline.since(now).components.seconds) s" }
}

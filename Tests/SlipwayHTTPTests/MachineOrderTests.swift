import SlipwayNet
import TestSupport
import Testing

@testable import SlipwayHTTP

/// Whatever happens in whatever order: all orders up to a length, and long ones by chance. After each event it is checked
/// what must hold always, and at the end that the connection comes to one.
@Suite struct MachineOrderTests {
    @Test func `all orders of a few events`() {
        var count = 0
        var mistake: String?
        func go(_ world: World, _ depth: Int) {
            count += 1
            mistake = mistake ?? world.mistakeToItsEnd
            guard depth > 0, mistake == nil else { return }
            for event in world.possible {
                var next = world
                next.happens(event)
                go(next, depth - 1)
            }
        }
        go(World(), 11)
        #expect(mistake == nil)
        #expect(count > 50_000)
    }

    @Test(arguments: 0..<8) func `many events by chance`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var begun = 0
        for _ in 0..<300 {
            var world = World()
            for _ in 0..<60 {
                // What ends it comes seldom, so that it gets far.
                let usual = world.possible.filter { !$0.isEnding }
                let choice = random.chance(4) || usual.isEmpty ? world.possible : usual
                guard let event = choice.randomElement(using: &random) else { break }
                world.happens(event)
            }
            #expect(world.mistakeToItsEnd == nil)
            begun = max(begun, world.begun)
        }
        #expect(begun == World.heads.count)
    }
}

/// What can happen, by what is being done.
private enum Event: String {
    case bytes, end, timeIsOver, failure
    case sent, atHand, atHandAsLast, takesTime, refused
    case answerBegins, answered, answeredAsLast
    case wantBody, bodyBytes, bodyEnd, bodyTimeIsOver, bodyFailure, roomIsNeeded
    case stop, cancel

    var isEnding: Bool {
        switch self {
        case .end, .timeIsOver, .failure, .answeredAsLast, .atHandAsLast, .bodyEnd, .bodyTimeIsOver, .bodyFailure,
            .roomIsNeeded, .stop, .cancel:
            true
        default: false
        }
    }
}

/// A machine, and what somebody who performs its actions knows.
private struct World {
    /// At hand, with a body that waits for a word, taking time, with a body in chunks, and at hand again.
    static let heads = ["GET /at-hand", "POST /p", "GET /slow", "POST /q", "GET /at-hand/2"]
    private static let pieces = [
        "GET /at-hand HTTP/1.1\r\nHost: a\r\n\r\nPOST /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-",
        "Length: 5\r\n\r\nhe", "lloGET /slow HTTP/1.1\r\nHost: a\r\n\r\nPOST /q HTTP/1.1\r\nHo",
        "st: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "0\r\n\r\nGET /at-hand/2 HTTP/1.1\r\nHost: a\r\n\r\nGE",
    ].map { Array($0.utf8) }

    private var machine: HTTPConnectionMachine
    private var action: HTTPConnectionMachine.Action
    /// nil: the handler of the request does not read its body now.
    private var bodyAction: IncomingBody.Action?
    private let now = Deadline.now()
    private var taken = 0
    /// Requests that were handed out.
    private(set) var begun = 0
    private var isLingering = false
    /// Answers that were given to the machine, and not by it to be sent.
    private var owed: [UInt8] = []
    private var saidContinue = false
    private var answerHasBegun = false
    private var wasLast = false
    private var hasStopped = false
    private var isCancelled = false
    private var clientHasEnded = false
    private var history: [Event] = []
    private var mistake: String?

    init() {
        machine = HTTPConnectionMachine(limits: HTTPLimits(), at: now)
        action = machine.start(at: now)
    }

    private var head: HTTPRequestHead? {
        if case .answer(let head) = action { head } else { nil }
    }

    var possible: [Event] {
        var events: [Event] = []
        switch action {
        case .close: return []
        case .read, .linger: events = (taken < Self.pieces.count ? [.bytes] : []) + [.end, .timeIsOver, .failure]
        case .send: events = [.sent, .failure]
        case .answerAtHand: events = [.atHand, .atHandAsLast, .takesTime]
        case .refuse: events = [.refused]
        case .answer(let head):
            events = [.answered, .answeredAsLast, .failure] + (answerHasBegun ? [] : [.answerBegins])
            guard head.framing != .length(0) else { break }
            events.append(.roomIsNeeded)
            guard case .read = bodyAction else { return events + [.wantBody] + always }
            events += (taken < Self.pieces.count ? [.bodyBytes] : []) + [.bodyEnd, .bodyTimeIsOver, .bodyFailure]
        }
        return events + always
    }

    private var always: [Event] { (hasStopped ? [] : [.stop]) + (isCancelled ? [] : [.cancel]) }

    mutating func happens(_ event: Event) {
        history.append(event)
        switch event {
        case .bytes: act(machine.received(nextPiece(), at: now))
        case .end:
            clientHasEnded = true
            act(machine.clientEnded(at: now))
        case .timeIsOver: act(machine.timeIsOver(at: now))
        case .failure: act(machine.failed(), isOrderly: false)
        case .sent: act(machine.sent(at: now))
        case .takesTime:
            if case .answerAtHand(let head) = action { act(machine.takesTime(head, at: now)) }
        case .atHand, .atHandAsLast, .refused: answerNow(asLast: event == .atHandAsLast)
        case .answerBegins: _ = beginAnswer(asLast: false)
        case .answered, .answeredAsLast:
            let goesOn = beginAnswer(asLast: event == .answeredAsLast)
            wasLast = !goesOn
            var isBeingRead = false
            if case .read = bodyAction { isBeingRead = true }
            act(machine.answered(goesOn: goesOn, at: now))
            if isBeingRead { expect(isClosed, "somebody else still reads the body") }
        case .wantBody: actOnBody(machine.bodyIsWanted(of: machine.number, at: now))
        case .bodyBytes: actOnBody(machine.bodyReceived(nextPiece(), of: machine.number, at: now))
        case .bodyEnd:
            clientHasEnded = true
            actOnBody(machine.bodyReceived(nil, of: machine.number, at: now))
        case .bodyTimeIsOver: actOnBody(machine.timeOfBodyIsOver(of: machine.number, at: now))
        case .bodyFailure:
            machine.bodyFailed(of: machine.number)
            bodyAction = nil
        case .roomIsNeeded: _ = machine.bodyGivesWay(of: machine.number)
        case .stop:
            hasStopped = true
            guard machine.stop() else { return }
            if case .send = action { expect(false, "it ends while answers leave") }
            act(.close)
        case .cancel:
            isCancelled = true
            machine.cancel()
        }
    }

    private mutating func nextPiece() -> [UInt8] {
        defer { taken += 1 }
        return Self.pieces[taken]
    }

    private mutating func beginAnswer(asLast: Bool) -> Bool {
        answerHasBegun = true
        let goesOn = machine.answerBegins(handlerGoesOn: !asLast)
        expect(!goesOn || !hasStopped, "the server has stopped, and the answer does not say that it is the last")
        return goesOn
    }

    private mutating func answerNow(asLast: Bool) {
        let answer = Array("[\(begun)]".utf8)
        owed += answer
        let goesOn = beginAnswer(asLast: asLast)
        wasLast = !goesOn
        if case .refuse = action { expect(wasLast, "a refusal is not the last answer") }
        act(machine.answered(answer, goesOn: goesOn, at: now))
    }

    // MARK: What must hold

    private mutating func expect(_ condition: Bool, _ what: String) {
        if !condition, mistake == nil { mistake = what }
    }

    private var isClosed: Bool {
        if case .close = action { true } else { false }
    }

    private mutating func act(_ next: HTTPConnectionMachine.Action, isOrderly: Bool = true) {
        action = next
        expect(!isCancelled || isClosed, "it was cancelled, and goes on")
        switch next {
        case .read(let deadline):
            expect(owed.isEmpty, "it reads before it has sent what it owes")
            expect(!clientHasEnded, "it reads what cannot come")
            expect(!wasLast || isLingering, "it reads after the last answer")
            expect(deadline >= now && deadline <= now + .seconds(60), "it waits for too long")
        case .linger:
            expect(owed.isEmpty, "it says that nothing more comes, and owes answers")
            expect(!clientHasEnded, "it waits for what cannot come")
            isLingering = true
        case .answerAtHand(let head): begins(head)
        case .answer(let head):
            expect(owed.isEmpty, "an answer overtakes those that are owed")
            // The last of them, which was not at hand.
            let isSame = begun > 0 && MachinePlayer.words(head) == Self.heads[begun - 1] && head.framing == .length(0)
            if !isSame { begins(head) }
        case .refuse:
            expect(owed.isEmpty, "a refusal overtakes the answers that are owed")
            expect(!wasLast, "it refuses after the last answer")
        case .send(let bytes):
            expect(bytes == owed, "it sends something else than the answers")
            owed = []
        case .close: expect(owed.isEmpty || !isOrderly || isCancelled, "it closes, and owes answers")
        }
        let hasWholeRequest = head.map { $0.framing == .length(0) } ?? false
        expect(machine.isBusy == hasWholeRequest || isClosed, "it is busy without a request, or not with one")
    }

    private mutating func begins(_ head: HTTPRequestHead) {
        expect(!wasLast, "it takes a request after the last answer")
        expect(begun < Self.heads.count && MachinePlayer.words(head) == Self.heads[begun], "it takes another request")
        begun += 1
        answerHasBegun = false
        saidContinue = false
        bodyAction = nil
    }

    private mutating func actOnBody(_ next: IncomingBody.Action) {
        bodyAction = next
        switch next {
        case .sendContinue:
            expect(head?.expectsContinue == true, "it says 100 Continue to a client that does not wait for it")
            expect(!saidContinue, "it says 100 Continue again")
            expect(!answerHasBegun, "it says 100 Continue in the middle of an answer")
            saidContinue = true
        case .read(let deadline):
            expect(!clientHasEnded, "it reads a body that cannot come")
            expect(deadline >= now && deadline <= now + .seconds(30), "it waits for a body for too long")
        case .end: expect(machine.isBusy || isCancelled, "a whole request does not count as one")
        case .piece, .fail: break
        }
    }

    /// What was wrong, even if now everything under way ends and the client says nothing more.
    var mistakeToItsEnd: String? {
        var world = self
        for _ in 0..<20 where world.mistake == nil && !world.isClosed {
            switch world.action {
            case .read, .linger: world.happens(.end)
            case .send: world.happens(.sent)
            case .answerAtHand: world.happens(.atHand)
            case .refuse: world.happens(.refused)
            case .answer: world.happens(.answered)
            case .close: break
            }
        }
        world.expect(world.isClosed, "it does not end")
        return world.mistake.map { "\($0) after \(world.history.map(\.rawValue).joined(separator: ", "))" }
    }
}

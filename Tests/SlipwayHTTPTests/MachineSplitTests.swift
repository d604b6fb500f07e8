import Testing

@testable import SlipwayHTTP

/// What a client says, cut at every place, with everything that may happen there: what becomes of it depends on what was
/// said, and never on where it was cut.
@Suite struct MachineSplitTests {
    /// Said by the client, and what becomes of it.
    struct Conversation: Sendable, CustomTestStringConvertible {
        var text: String
        /// In their order, with their bodies.
        var requests: [String]
        /// All that the client gets.
        var wire: String
        /// What is done last.
        var last: String

        var testDescription: String { text.debugDescription }
    }

    private static func get(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    private static func post(_ path: String, _ fields: String) -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\n\(fields)"
    }

    private static let conversations: [Conversation] = [
        Conversation(text: get("/at-hand"), requests: ["GET /at-hand"], wire: "[/at-hand]", last: "read 60 s"),
        Conversation(text: get("/slow"), requests: ["GET /slow"], wire: "[/slow]", last: "read 60 s"),
        Conversation(
            text: get("/at-hand/1") + get("/slow/2") + "\r\n" + get("/at-hand/3") + get("/at-hand/4"),
            requests: ["GET /at-hand/1", "GET /slow/2", "GET /at-hand/3", "GET /at-hand/4"],
            wire: "[/at-hand/1][/slow/2][/at-hand/3][/at-hand/4]", last: "read 60 s"),
        Conversation(
            text: post("/p", "Content-Length: 5\r\n\r\nhello") + post("/q", "Content-Length: 0\r\n\r\n")
                + get("/at-hand"),
            requests: ["POST /p hello", "POST /q", "GET /at-hand"], wire: "[/p][/q][/at-hand]", last: "read 60 s"),
        Conversation(
            text: post("/p", "Transfer-Encoding: chunked\r\n\r\n2;x\r\nhe\r\n3\r\nllo\r\n0\r\nT: r\r\n\r\n")
                + get("/slow"),
            requests: ["POST /p hello", "GET /slow"], wire: "[/p][/slow]", last: "read 60 s"),
        Conversation(
            text: post("/ignore", "Content-Length: 5\r\n\r\nhello") + get("/at-hand"),
            requests: ["POST /ignore", "GET /at-hand"], wire: "[/ignore][/at-hand]", last: "read 60 s"),
        Conversation(
            text: post("/ignore", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n") + get("/at-hand"),
            requests: ["POST /ignore", "GET /at-hand"], wire: "[/ignore][/at-hand]", last: "read 60 s"),
        // What comes after the last request is dropped.
        Conversation(
            text: get("/last") + get("/never"), requests: ["GET /last"], wire: "[/last]", last: "read 2 s"),
        Conversation(
            text: post("/p", "Connection: close\r\nContent-Length: 2\r\n\r\nhi"), requests: ["POST /p hi"],
            wire: "[/p]", last: "close"),
        Conversation(
            text: get("/at-hand") + "no request\r\n", requests: ["GET /at-hand"], wire: "[/at-hand][400]",
            last: "read 2 s"),
        Conversation(
            text: post("/p", "Transfer-Encoding: chunked\r\n\r\n2\r\nhix\r\n"), requests: ["POST /p hi"], wire: "[/p]",
            last: "read 2 s"),
        Conversation(
            text: post("/ignore", "Transfer-Encoding: chunked\r\n\r\n2\r\nhix\r\n"), requests: ["POST /ignore"],
            wire: "[/ignore]", last: "read 2 s"),
    ]

    @Test(arguments: conversations) func `is the same however it is cut`(_ conversation: Conversation) {
        let bytes = Array(conversation.text.utf8)
        check([bytes[...]], conversation, "as a whole")
        check(bytes.indices.map { bytes[$0...$0] }, conversation, "byte by byte")
        for cut in bytes.indices.dropFirst() { check([bytes[..<cut], bytes[cut...]], conversation, "cut at \(cut)") }
    }

    private func check(_ pieces: [ArraySlice<UInt8>], _ conversation: Conversation, _ how: Comment) {
        let player = Self.play(pieces)
        #expect(player.requests == conversation.requests, how)
        #expect(player.wire == conversation.wire, how)
        // Nobody lingers for longer because more came meanwhile, and what came with the last request is not read again.
        let last = player.actions.last == "linger 2 s" ? "read 2 s" : player.actions.last
        #expect(last == conversation.last, how)
    }

    private static func play(_ pieces: [ArraySlice<UInt8>]) -> MachinePlayer {
        var player = MachinePlayer()
        for piece in pieces { give(piece, to: &player) }
        return player
    }

    /// To whoever reads: the connection, or the handler of a request that has a body.
    private static func give(_ piece: ArraySlice<UInt8>, to player: inout MachinePlayer) {
        switch player.action {
        case .close: return
        case .answer: player.receiveBody(String(decoding: piece, as: UTF8.self))
        default: player.receive(Array(piece))
        }
        player.run()
    }

    // MARK: What may happen anywhere

    private enum Place { case between, head, body, skipped }

    /// Requests one after the other, and where the client is after each part of one.
    private static let several: [(text: String, during: Place, after: Place)] = [
        (get("/at-hand"), .head, .between),
        (post("/p", "Content-Length: 5\r\n\r\n"), .head, .body), ("hello", .body, .between),
        (get("/slow"), .head, .between),
        (post("/ignore", "Content-Length: 5\r\n\r\n"), .head, .skipped), ("hello", .skipped, .between),
    ]

    /// After each of their bytes.
    /// - Parameter happens: gets where that is, how many requests have begun, and what is still to be said.
    private static func anywhere(
        _ happens: (Place, _ begun: Int, _ rest: ArraySlice<UInt8>, inout MachinePlayer) -> Void
    ) {
        let bytes = Array(several.map(\.text).joined().utf8)
        var places = [(place: Place.between, begun: 0)]
        for (text, during, after) in several {
            let begun = (places.last?.begun ?? 0) + (during == .head ? 1 : 0)
            places += Array(repeating: (during, begun), count: text.utf8.count - 1) + [(after, begun)]
        }
        for (count, (place, begun)) in places.enumerated() {
            var player = play([bytes[..<count]])
            happens(place, begun, bytes[count...], &player)
        }
    }

    @Test func `the client ends its side anywhere`() {
        Self.anywhere { place, begun, _, player in
            if place == .body {
                player.receiveBody(nil)
                player.answer()
            } else {
                player.end()
                player.run()
            }
            switch place {
            case .between, .skipped: #expect(player.actions.last == "close")
            case .head: #expect(player.actions.suffix(3) == ["refuse 400", "send [400]", "close"])
            case .body: #expect(player.actions.suffix(2) == ["body: fail 400", "close"])
            }
            #expect(player.requests.count == (place == .head ? begun - 1 : begun))
        }
    }

    @Test func `the time is over anywhere`() {
        Self.anywhere { place, begun, _, player in
            if place == .body {
                player.timeOfBodyIsOver()
                player.answer()
            } else {
                player.timeIsOver()
                player.run()
            }
            switch place {
            case .between, .skipped: #expect(player.actions.last == "close")
            case .head: #expect(player.actions.suffix(3) == ["refuse 408", "send [408]", "linger 2 s"])
            case .body: #expect(player.actions.suffix(2) == ["body: fail 408", "linger 2 s"])
            }
            #expect(player.requests.count == (place == .head ? begun - 1 : begun))
        }
    }

    @Test func `the server stops anywhere, and the request that has begun is the last`() {
        Self.anywhere { place, begun, rest, player in
            player.stop()
            Self.give(rest, to: &player)
            switch place {
            case .between, .skipped: #expect(player.actions.last == "close")
            case .head, .body: #expect(player.actions.last == "linger 2 s")
            }
            #expect(player.requests.count == begun)
        }
    }

    @Test func `it fails or is cancelled anywhere`() {
        Self.anywhere { _, _, _, player in
            var cancelled = player
            player.fail()
            #expect(player.actions.last == "close")
            cancelled.cancel()
            if case .answer = cancelled.action { cancelled.answer() } else { cancelled.receive("GET") }
            #expect(cancelled.actions.last == "close")
        }
    }
}

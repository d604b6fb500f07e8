import SlipwayNet
import Testing

@testable import SlipwayHTTP

/// What a connection does, action by action: no socket, no task, and no time that anybody waits for.
@Suite struct MachineTests {
    private static let post = "POST /p HTTP/1.1\r\nHost: a\r\n"

    private static func get(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    // MARK: Requests

    @Test func `answers a request that is at hand, and waits for the next`() {
        var player = MachinePlayer()
        player.receive(Self.get("/at-hand"))
        player.run()
        #expect(
            player.actions == ["read 10 s", "at hand? GET /at-hand", "send [/at-hand]", "read 60 s"])
    }

    @Test func `answers at hand as many requests as there are in one write`() {
        var player = MachinePlayer()
        player.receive(Self.get("/at-hand/1") + Self.get("/at-hand/2") + Self.get("/at-hand/3") + "GET /at")
        player.run()
        #expect(
            player.actions.dropFirst() == [
                "at hand? GET /at-hand/1", "at hand? GET /at-hand/2", "at hand? GET /at-hand/3",
                "send [/at-hand/1][/at-hand/2][/at-hand/3]", "read 20 s",
            ])
    }

    @Test func `sends what fills a write before it reads the next request`() {
        var player = MachinePlayer()
        player.receive(String(repeating: Self.get("/large"), count: 3))
        player.run()
        #expect(
            player.actions.dropFirst() == [
                "at hand? GET /large", "at hand? GET /large", "send 80016", "at hand? GET /large", "send 40008",
                "read 60 s",
            ])
    }

    @Test func `lets the answers before it leave before one that takes time`() {
        var player = MachinePlayer()
        player.receive(Self.get("/at-hand/1") + Self.get("/slow") + Self.get("/at-hand/2"))
        player.run()
        #expect(
            player.actions.dropFirst() == [
                "at hand? GET /at-hand/1", "at hand? GET /slow", "send [/at-hand/1]", "answer GET /slow",
                "at hand? GET /at-hand/2", "send [/at-hand/2]", "read 60 s",
            ])
        #expect(player.wire == "[/at-hand/1][/slow][/at-hand/2]")
    }

    @Test func `asks for no answer at hand to a request with a body, or about the server`() {
        var player = MachinePlayer()
        player.receive(
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nPOST /at-hand HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
        player.run()
        #expect(
            player.actions.dropFirst() == [
                "answer OPTIONS *", "answer POST /at-hand", "body: hi", "body: end", "read 60 s",
            ])
    }

    @Test(arguments: [
        ("/at-hand", "Connection: close\r\n", "close"), ("/last", "", "linger 2 s"),
        ("/last", "Connection: close\r\n", "close"),
    ]) func `ends after the last answer, and lingers where the client may send more`(
        _ path: String, _ fields: String, _ end: String
    ) {
        var player = MachinePlayer()
        player.receive(Self.get(path, fields))
        player.run()
        #expect(player.actions.suffix(2) == ["send [\(path)]", end])
    }

    @Test func `lingers after a last request that something follows`() {
        var player = MachinePlayer()
        player.receive(Self.get("/at-hand", "Connection: close\r\n") + Self.get("/at-hand"))
        player.run()
        #expect(player.actions.suffix(2) == ["send [/at-hand]", "linger 2 s"])
        #expect(player.requests == ["GET /at-hand"])
    }

    @Test func `takes only so many requests in a row from a client that runs ahead of the answers`() {
        var player = MachinePlayer { $0.pipelinedRequests = 3 }
        player.receive(String(repeating: Self.get("/at-hand"), count: 10))
        player.run()
        #expect(player.requests.count == 4)
        #expect(player.actions.suffix(2) == ["send [/at-hand][/at-hand][/at-hand][/at-hand]", "linger 2 s"])
        // One after the other there is no such end.
        player = MachinePlayer { $0.pipelinedRequests = 3 }
        for _ in 0..<10 {
            player.receive(Self.get("/at-hand"))
            player.run()
        }
        #expect(player.requests.count == 10 && player.actions.last == "read 60 s")
    }

    @Test func `refuses what is not a request, after the answers that are owed`() {
        var player = MachinePlayer()
        player.receive(Self.get("/at-hand") + "hello\r\n\r\n")
        player.run()
        #expect(
            player.actions.dropFirst() == [
                "at hand? GET /at-hand", "send [/at-hand]", "refuse 400", "send [400]", "linger 2 s",
            ])
    }

    @Test func `an answer that was cut short is the last`() {
        var player = MachinePlayer()
        player.receive(Self.get("/slow"))
        player.step()
        let mayGoOn = player.beginAnswer()
        #expect(mayGoOn)
        player.answer(goesOn: false)
        #expect(player.actions.last == "linger 2 s")
    }

    @Test func `a server that stops lets answers leave that are on their way`() {
        var player = MachinePlayer()
        player.receive(Self.get("/at-hand"))
        player.step()
        player.stop()
        #expect(player.actions.last == "send [/at-hand]")
        player.sent()
        #expect(player.actions.last == "close")
    }

    // MARK: Time

    @Test func `a request has its time from its first byte on, however its bytes come`() {
        var player = MachinePlayer()
        player.wait(.seconds(7))
        player.receive("\r\n")
        #expect(player.actions.last == "read 3 s")
        player.receive("G")
        #expect(player.actions.last == "read 20 s")
        player.wait(.seconds(15))
        player.receive("ET /at-hand HTTP/1.1\r\nHost: a\r\n")
        #expect(player.actions.last == "read 5 s")
        player.receive("\r\n")
        player.run()
        #expect(player.actions.last == "read 60 s")
    }

    @Test func `the next request has its whole time after answers that left slowly`() {
        for (next, time) in [("", "read 60 s"), ("GET /n", "read 20 s")] {
            var player = MachinePlayer()
            player.receive(Self.get("/at-hand") + next)
            player.step()
            player.wait(.seconds(50))
            player.sent()
            #expect(player.actions.last == time)
        }
    }

    @Test func `empty lines between requests begin none`() {
        var player = MachinePlayer()
        player.receive(Self.get("/at-hand") + "\r\n")
        player.run()
        #expect(player.actions.last == "read 60 s")
        player.wait(.seconds(40))
        player.receive("\r\n")
        #expect(player.actions.last == "read 20 s")
        player.timeIsOver()
        #expect(player.actions.last == "close")
    }

    @Test func `lingers for two seconds in all, and for so many bytes`() {
        var player = MachinePlayer()
        player.receive(Self.get("/last"))
        player.run()
        player.wait(.seconds(1))
        player.receive("more")
        #expect(player.actions.last == "read 1 s")
        let mebibyte = [UInt8](repeating: 1, count: 1 << 20)
        for _ in 1..<16 { player.receive(mebibyte) }
        #expect(player.actions.last == "read 1 s")
        player.receive(mebibyte)
        #expect(player.actions.last == "close")
    }

    @Test func `who waits for a place sees whether a whole request is there, and since when`() {
        var player = MachinePlayer()
        let start = player.now
        func standing() -> (Duration, Bool) { (player.machine.since.since(start), player.machine.isBusy) }
        #expect(standing() == (.zero, false))
        player.wait(.seconds(1))
        player.receive(Self.post + "Content-Length: 2\r\n")
        #expect(standing() == (.seconds(1), false))
        player.wait(.seconds(1))
        player.receive("\r\nh")
        #expect(standing() == (.seconds(2), false))
        player.wantBody()
        player.wantBody()
        player.wait(.seconds(1))
        player.receiveBody("i")
        #expect(standing() == (.seconds(2), false))
        player.wantBody()
        #expect(standing() == (.seconds(3), true))
        player.wait(.seconds(1))
        player.answer()
        #expect(standing() == (.seconds(4), false))
        player.wait(.seconds(1))
        player.receive(Self.get("/slow"))
        player.step()
        #expect(standing() == (.seconds(5), true))
    }

    // MARK: Bodies

    @Test func `gives a body as it comes, of either framing`() {
        for (fields, pieces) in [
            ("Content-Length: 5\r\n\r\nhe", ["llo"]),
            ("Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n", ["3\r\nllo", "\r\n0\r\n\r\n"]),
        ] {
            var player = MachinePlayer()
            player.receive(Self.post + fields)
            player.wantBody()
            player.wantBody()
            for piece in pieces { player.receiveBody(piece) }
            while case .read = player.wantBody() {}
            #expect(player.requests == ["POST /p hello"])
            #expect(player.actions[1...3] == ["answer POST /p", "body: he", "body: read 30 s"])
            #expect(player.actions.last == "body: end")
        }
    }

    @Test func `says 100 Continue once, when the body is wanted, and never between the bytes of an answer`() {
        let header = Self.post + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        var player = MachinePlayer()
        player.receive(header)
        player.wantBody()
        player.wantBody()
        player.receiveBody("h")
        player.wantBody()
        player.receiveBody("i")
        player.wantBody()
        player.answer()
        #expect(
            player.actions.dropFirst() == [
                "answer POST /p", "body: continue", "body: read 30 s", "body: h", "body: read 30 s", "body: i",
                "body: end", "read 60 s",
            ])
        player = MachinePlayer()
        player.receive(header)
        // A handler that reads while it answers.
        let mayGoOn = player.beginAnswer()
        #expect(!mayGoOn)
        player.wantBody()
        #expect(player.actions.last == "body: read 30 s")
        // A client that did not wait for the word.
        player = MachinePlayer()
        player.receive(header + "hi")
        player.run()
        #expect(player.wire == "[/p]")
    }

    @Test func `ends after a body that nobody asked the client for`() {
        var player = MachinePlayer()
        player.receive("POST /ignore HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        player.run()
        #expect(player.actions.dropFirst() == ["answer POST /ignore", "linger 2 s"])
    }

    @Test func `skips what a handler left of a small body, as it comes`() {
        var player = MachinePlayer()
        player.receive("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
        player.run()
        player.wait(.seconds(10))
        player.receive("l")
        player.receive("lo" + Self.get("/at-hand"))
        player.run()
        #expect(
            player.actions.dropFirst() == [
                "answer POST /ignore", "read 30 s", "read 20 s", "at hand? GET /at-hand", "send [/at-hand]",
                "read 60 s",
            ])
    }

    @Test func `skips no large body, whether it says so or not`() {
        var player = MachinePlayer()
        player.receive("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n")
        player.run()
        #expect(player.actions.last == "linger 2 s")
        player = MachinePlayer()
        player.receive("POST /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        player.run()
        player.receive("10000\r\n" + String(repeating: "x", count: 65_536))
        #expect(player.actions.last == "read 30 s")
        player.receive("\r\n1\r\nx")
        #expect(player.actions.last == "linger 2 s")
    }

    @Test func `lingers after a body that breaks while it is skipped`() {
        var player = MachinePlayer()
        player.receive("POST /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        player.run()
        player.receive("x\r\n")
        #expect(player.actions.last == "linger 2 s")
    }

    @Test func `a body that breaks fails its handler, and the answer is the last`() {
        var player = MachinePlayer()
        player.receive(Self.post + "Transfer-Encoding: chunked\r\n\r\nx\r\n")
        player.wantBody()
        player.answer()
        #expect(player.actions.dropFirst() == ["answer POST /p", "body: fail 400", "linger 2 s"])
    }

    @Test func `only time that is spent waiting counts for a body`() {
        var player = MachinePlayer()
        player.receive(Self.post + "Content-Length: 9\r\n\r\nh")
        player.wantBody()
        player.wait(.seconds(100))
        player.wantBody()
        #expect(player.actions.last == "body: read 30 s")
        player.wait(.seconds(12))
        player.receiveBody("i")
        player.wait(.seconds(100))
        player.wantBody()
        #expect(player.actions.last == "body: read 18 s")
    }

    @Test func `a body whose room went to others fails with 503, whoever waits for it`() {
        var player = MachinePlayer()
        player.receive(Self.post + "Content-Length: 9\r\n\r\nh")
        // Nobody reads: the next who would is told.
        player.giveWay()
        player.wantBody()
        #expect(player.actions.dropFirst() == ["answer POST /p", "body: fail 503"])
        player.answer()
        #expect(player.actions.last == "linger 2 s")

        player = MachinePlayer()
        player.receive(Self.post + "Content-Length: 9\r\n\r\n")
        player.wantBody()
        player.giveWay()
        player.timeOfBodyIsOver()
        #expect(
            player.actions.dropFirst() == ["answer POST /p", "body: read 30 s", "body: cut short", "body: fail 503"])
    }

    @Test func `a body that is whole, or of a request that was answered, does not give way`() {
        var player = MachinePlayer()
        player.receive(Self.post + "Content-Length: 2\r\n\r\nhi")
        player.wantBody()
        player.giveWay()
        player.answer()
        player.receive(Self.post + "Content-Length: 2\r\n\r\n")
        player.wantBody()
        player.giveWay(of: 0)
        player.receiveBody("hi")
        player.wantBody()
        player.answer()
        #expect(player.actions.last == "read 60 s" && !player.actions.contains("body: cut short"))
    }

    @Test func `a body that is only skipped is nobody's to cut short`() {
        var player = MachinePlayer()
        player.receive(Self.post + "Content-Length: 9\r\n\r\nhi")
        player.answer()
        player.giveWay()
        player.receive("more of")
        #expect(player.actions.last == "linger 2 s" && !player.actions.contains("body: cut short"))
    }

    @Test func `a handler that kept a request beyond its answer gets nothing of the next one`() {
        var player = MachinePlayer()
        player.receive(Self.post + "Content-Length: 2\r\n\r\nhi")
        player.answer()
        player.wantBody(of: 0)
        #expect(player.actions.suffix(2) == ["read 60 s", "body: fail 400"])
        player.receive(Self.post + "Content-Length: 2\r\n\r\nhi")
        player.wantBody(of: 0)
        player.wantBody(of: 1)
        #expect(player.actions.suffix(2) == ["body: fail 400", "body: hi"])
    }

    @Test func `closes where somebody still reads the body of a request that was answered`() {
        var player = MachinePlayer()
        player.receive(Self.post + "Content-Length: 2\r\n\r\n")
        player.wantBody()
        player.answer()
        player.receiveBody("hi" + Self.get("/at-hand"))
        #expect(player.actions.suffix(2) == ["close", "body: fail 400"])
        #expect(player.requests == ["POST /p"])
    }
}

import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

struct HerokuOutputTests {
    private let marker = ExitMarker(nonce: "0123456789abcdef0123456789abcdef")

    private func scan(_ text: String, chunk: Int) -> (output: String, code: Int?) {
        var scanner = ExitMarkerScanner(marker)
        var output: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            output += scanner.take(Array(rest.prefix(chunk)))
            rest = rest.dropFirst(chunk)
        }
        return (String(decoding: output + scanner.finish(), as: UTF8.self), scanner.exitCode)
    }

    @Test(arguments: Array(1...60))
    func `the exit marker is found and stripped at every chunk size`(chunk: Int) {
        let text = "migrating\r\n\r\nslipway-0123 exit=1\ndone\r\n\nslipway-0123456789abcdef0123456789abcdef exit=3\r\n"
        let (output, code) = scan(text, chunk: chunk)
        #expect(output == "migrating\n\nslipway-0123 exit=1\ndone\n")
        #expect(code == 3)
    }

    @Test func `output without an end of line keeps its last words`() {
        let (output, code) = scan("no newline\n\(marker.text)0\n", chunk: 7)
        #expect(output == "no newline\n")
        #expect(code == 0)
    }

    @Test func `a marker of another nonce, or cut short, is output`() {
        let text = "\nslipway-0123456789abcdef0123456789abcdee exit=0\n\n\(marker.text)"
        let (output, code) = scan(text, chunk: 5)
        #expect(output == text)
        #expect(code == nil)
    }

    @Test func `a carriage return alone stays`() {
        #expect(scan("10%\r20%\r\n\r", chunk: 1).output == "10%\r20%\n\r")
    }

    @Test func `a whole line is output as soon as its end is there`() {
        var scanner = ExitMarkerScanner(marker)
        #expect(scanner.take(Array("waiting\n".utf8)) == Array("waiting\n".utf8))
        #expect(scanner.take(Array("\n".utf8)).isEmpty)
        #expect(scanner.take(Array("slip".utf8)).isEmpty)
        #expect(scanner.take(Array(" on ice".utf8)) == Array("\nslip on ice".utf8))
    }

    @Test func `nothing after the marker is output`() {
        #expect(scan("\n\(marker.text)0\nlate\n", chunk: 3).output.isEmpty)
    }

    @Test func `the wrapped command never contains the marker itself`() {
        let line = marker.wrap("echo 'it''s' && exit 3")
        #expect(!line.contains(marker.text))
        #expect(line.hasPrefix("sh -c '"))
        #expect(line.contains(#"'echo '\''it'\'''\''s'\'' && exit 3'"#))
    }

    @Test func `the rendezvous' own line is taken off, alone or in one chunk with output`() {
        for pieces in [["rendezvous\r\n", "out"], ["rendez", "vous", "\nout"], ["rendezvous\nout"]] {
            var prologue = RendezvousPrologue()
            var output: [UInt8] = []
            for piece in pieces { output += prologue.take(Array(piece.utf8)) }
            #expect(String(decoding: output, as: UTF8.self) == "out")
        }
        var silent = RendezvousPrologue()
        #expect(silent.take(Array("rather a dyno".utf8)) == Array("rather a dyno".utf8))
    }

    @Test func `a rendezvous URL gives host, port and secret`() {
        let full = Rendezvous("rendezvous://rendezvous.runtime.heroku.com:5000/abc-1?x=2")
        #expect(full?.host == "rendezvous.runtime.heroku.com")
        #expect(full?.port == 5000)
        #expect(full?.secret == "abc-1?x=2")
        #expect(full.map { String(decoding: $0.greeting, as: UTF8.self) } == "abc-1?x=2\r\n")
        #expect(Rendezvous("rendezvous://host/abc")?.port == 5000)
        #expect(Rendezvous("https://host/abc") == nil)
        #expect(Rendezvous("rendezvous://host/") == nil)
    }

    @Test func `a log line is taken apart`() {
        let line = LogLine("2026-11-22T19:00:00.123456+00:00 heroku[run.1952]: Process exited with status 3")
        #expect(line?.source == "heroku")
        #expect(line?.dyno == "run.1952")
        #expect(line?.exitCode == 3)
        #expect(LogLine("2026-11-22T19:00:00Z app[run.1]: Process exited with status 0")?.exitCode == nil)
        #expect(LogLine("2026-11-22T19:00:00Z app[web.1]: a: [b]: c")?.message == "a: [b]: c")
        #expect(LogLine("2026-11-22T19:00:00Z heroku[run.1]: State changed from up to complete")?.isEnd == true)
        #expect(LogLine("no log line") == nil)
    }

    @Test(arguments: Array(1...30))
    func `events are read at every chunk size`(chunk: Int) {
        var parser = EventStreamParser()
        var events: [EventStreamParser.Event] = []
        var rest = Array(": hello\n\nid: 4\r\ndata: one\r\ndata:two\r\n\r\nevent: x\ndata: three\n\ndata: lost".utf8)[
            ...]
        while !rest.isEmpty {
            events += parser.take(Array(rest.prefix(chunk)))
            rest = rest.dropFirst(chunk)
        }
        #expect(events == [.init(id: "4", data: "one\ntwo"), .init(id: "4", data: "three")])
    }

    @Test func `an endless line is cut`() {
        var splitter = LineSplitter(longest: 4)
        #expect(splitter.take(Array("abcdefgh\nij".utf8)) == ["abcd", "efgh"])
        #expect(splitter.finish() == "ij")
    }
}

import Foundation
import Logging
import SlipwayBase
import Synchronization
import TestSupport
import Testing

@testable import slipway

/// The lines of the server's log.
@Suite struct LogTests {
    private let lines = Lines()

    private func handler(secrets: [String] = []) -> LineLogHandler {
        LineLogHandler(redactor: Current(Redactor(secrets: secrets.map { Secret($0) })), write: lines.add)
    }

    private func logger(secrets: [String] = []) -> Logger {
        Logger(label: "test") { [handler = handler(secrets: secrets)] _ in handler }
    }

    @Test func `a line is logfmt: when, how bad, what, and the rest by key`() throws {
        logger().notice(
            "job ended", metadata: ["state": "failed", "job": "7", "reason": "exit status 1", "at most": "3"])
        let line = try #require(lines.all.first)
        #expect(line.wholeMatch(of: /time=[0-9-]{10}T[0-9:.]{12}Z level=notice msg="job ended" .*/) != nil)
        #expect(line.hasSuffix(#" at_most=3 job=7 reason="exit status 1" state=failed"#))
    }

    @Test(arguments: [
        ("main", "main"), ("refs/heads/größe", #""refs/heads/größe""#), ("", #""""#), ("a b", #""a b""#),
        (#"say "hi""#, #""say \"hi\"""#), (#"a\b"#, #""a\\b""#), ("a=b", #""a=b""#),
        ("a\nlevel=error", #""a\nlevel=error""#),
        ("a\r\tb", #""a\r\tb""#), ("\u{1B}[31mred", #""\u001b[31mred""#), ("a\u{202E}b", #""a\u202eb""#),
        ("a\u{2028}b\u{7F}", #""a\u2028b\u007f""#), ("\u{E0001}", #""\udb40\udc01""#), ("`x`,y:1", "`x`,y:1"),
    ])
    func `text from outside stays within its word`(text: String, word: String) throws {
        logger().notice("x", metadata: ["ref": "\(text)", "z": "end"])
        let line = try #require(lines.all.first)
        #expect(line.hasSuffix(" msg=x ref=\(word) z=end"))
        #expect(line.unicodeScalars.allSatisfy { !$0.isHiddenOrControl })
    }

    @Test func `words are bounded, and so is what was said`() throws {
        logger().notice(
            "\(String(repeating: "m", count: 5000))", metadata: ["k": "\(String(repeating: "v", count: 5000))"])
        let line = try #require(lines.all.first)
        #expect(line.contains("m…\"") && line.hasSuffix("v…\"") && line.utf8.count < 5200)
    }

    @Test func `no secret is logged, whatever would be escaped or cut of it`() throws {
        let secrets = ["pass\"word\\and more", "a secret of two\nlines"]
        let long = String(repeating: "x", count: 990) + secrets[0]
        logger(secrets: secrets).error("\(secrets[1])", metadata: ["reason": "\(secrets[0])", "long": "\(long)"])
        let line = try #require(lines.all.first)
        #expect(line.contains("reason=[REDACTED]") && line.contains(#"msg="[REDACTED]\n[REDACTED]""#))
        #expect(!line.contains("pass") && !line.contains("word") && !line.contains("two"))
    }

    @Test func `lines below its level are not written, whoever causes them`() {
        let handler = LineLogHandler(level: .error, redactor: Current(Redactor(secrets: [])), write: lines.add)
        let loggers = [
            Logger(label: "test") { _ in handler }, Logger(label: "test") { _ in BoundedLogHandler(handler) },
        ]
        for logger in loggers {
            logger.warning("a warning")
            logger.error("an error")
        }
        #expect(lines.all.map { $0.contains("level=error") } == [true, true])
    }

    // MARK: What strangers can cause

    private func knock(_ logger: Logger, _ address: String, times: Int) {
        for number in 1...times {
            logger.warning("delivery refused", metadata: ["address": "\(address)", "n": "\(number)"])
        }
    }

    @Test func `an address has a part of a minute's lines, all have a bound, and what is left out is counted`()
        async throws
    {
        let minute = AsyncStream.makeStream(of: Void.self)
        let bounded = BoundedLogHandler(handler()) { for await _ in minute.stream { return } }
        let logger = Logger(label: "test") { _ in bounded }
        knock(logger, "192.0.2.1", times: 100)
        #expect(lines.all.count == BoundedLogHandler.mostOfOneClient)
        // A network of one's own is one client.
        for number in 1...15 { knock(logger, "2001:db8::\(number)", times: 1) }
        #expect(lines.all.count == 2 * BoundedLogHandler.mostOfOneClient)
        // Somebody else's slip is still seen.
        knock(logger, "192.0.2.2", times: 3)
        #expect(lines.all.suffix(3).allSatisfy { $0.contains("address=192.0.2.2") })
        for number in 3...200 { knock(logger, "192.0.2.\(number)", times: 1) }
        #expect(lines.all.count == BoundedLogHandler.most)
        let sent = 100 + 15 + 3 + 198
        minute.continuation.yield()
        let count = try await lines.next(containing: "left out")
        #expect(
            count.hasSuffix(
                " level=warning msg=\"lines like those above were left out, to keep the log small\" "
                    + "count=\(sent - BoundedLogHandler.most)"))
        // The next minute is a new one.
        knock(logger, "192.0.2.1", times: 1)
        #expect(lines.all.last?.contains("address=192.0.2.1 n=1") == true)
        minute.continuation.finish()
    }

    @Test func `a minute in which nothing was left out ends without a word`() async throws {
        let minute = AsyncStream.makeStream(of: Void.self)
        let over = AsyncStream.makeStream(of: Void.self)
        let bounded = BoundedLogHandler(handler()) {
            for await _ in minute.stream { break }
            over.continuation.yield()
        }
        let logger = Logger(label: "test") { _ in bounded }
        for round in 1...3 {
            knock(logger, "192.0.2.1", times: BoundedLogHandler.mostOfOneClient)
            minute.continuation.yield()
            for await _ in over.stream { break }
            // The minute's end is the next thing that its task does.
            while bounded.isCounting { await Task.yield() }
            #expect(lines.all.count == round * BoundedLogHandler.mostOfOneClient)
        }
    }

    // MARK: Whoever reads the log

    @Test(.endsIfItHangs)
    func `nobody waits for whoever reads the log, and what is left out meanwhile is counted`() async throws {
        let isRead = DispatchSemaphore(value: 0)
        let begun = AsyncStream.makeStream(of: Void.self)
        let writer = LogWriter { [lines] text in
            begun.continuation.yield()
            isRead.wait()
            for line in text.split(separator: "\n") { lines.add(String(line)) }
        }
        writer.write("first")
        for await _ in begun.stream { break }
        let line = String(repeating: "x", count: LogWriter.mostBytes / 4)
        for _ in 1...20 { writer.write(line) }
        isRead.signal()
        isRead.signal()
        let notice = try await lines.next(containing: "left out")
        #expect(notice.hasSuffix(" count=16"))
        #expect(lines.all == ["first", line, line, line, line, notice])
        writer.write("last")
        isRead.signal()
        #expect(try await lines.next(containing: "last") == "last")
    }

    /// What was written, in its order.
    private final class Lines: Sendable {
        private let kept = Mutex<[String]>([])
        private let added = AsyncStream.makeStream(of: String.self)

        var all: [String] { kept.withLock { $0 } }

        @Sendable func add(_ line: String) {
            kept.withLock { $0.append(line) }
            added.continuation.yield(line)
        }

        func next(containing text: String) async throws -> String {
            for await line in added.stream where line.contains(text) { return line }
            throw CancellationError()
        }
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import Testing

@testable import SlipwayDeploy

struct StepLogTests {
    private func logged(_ chunks: [String], hiding secrets: [String] = []) async -> String {
        let book = MemoryLogBook()
        let log = book.stepLog(hiding: secrets.map { Secret($0) })
        for chunk in chunks { await log.write(Array(chunk.utf8)) }
        await log.flush()
        return book.text(.test)
    }

    @Test func `cuts output into lines wherever the chunks end`() async {
        #expect(await logged(["a", "b\nc", "\n\n", "d"]) == "ab\nc\n\nd\n")
        #expect(await logged([]) == "")
    }

    @Test func `keeps the beginning of what never ends, says so once, and all that is its own`() async {
        let book = MemoryLogBook()
        let log = StepLog(book: book, job: 1, step: .test, redactor: Redactor(secrets: []), mostBytes: 4)
        for _ in 1...3 { await log.write(Array("abc\n".utf8)) }
        await log.line("slipway: the end")
        #expect(
            book.text(.test)
                == "abc\nslipway: of this step's output the first 4 bytes are kept, the rest is left out\nslipway: the end\n"
        )
    }

    @Test func `finds a secret across every chunk border`() async {
        let text = "key=s3cr3t-t0ken! end\n"
        for cut in 1..<text.utf8.count {
            let bytes = Array(text.utf8)
            let chunks = [bytes[..<cut], bytes[cut...]].map { String(decoding: $0, as: UTF8.self) }
            #expect(await logged(chunks, hiding: ["s3cr3t-t0ken!"]) == "key=[REDACTED] end\n")
        }
    }

    @Test func `finds a secret in base64, also as a registry's login`() async {
        let login = Data("_:s3cr3t-t0ken!".utf8).base64EncodedString()
        let text = await logged(["Authorization: Basic \(login)\n"], hiding: ["s3cr3t-t0ken!"])
        #expect(text.contains("[REDACTED]"))
        #expect(!text.contains(login))
    }

    @Test func `finds a secret where an endless line is cut`() async {
        let secret = "s3cr3t-t0ken!"
        for shift in 0..<24 {
            let head = String(repeating: "x", count: StepLog.longestLine - 8192 - 20 + shift)
            let tail = String(repeating: "y", count: 9000)
            let text = await logged([head + secret + tail, secret, "z", "\n"], hiding: [secret])
            let whole = text.replacingOccurrences(of: "\n", with: "")
            #expect(!whole.contains(secret))
            #expect(whole.components(separatedBy: "[REDACTED]").count == 3)
        }
    }

    @Test func `no line is longer than the longest, and memory is bounded without a newline`() async {
        let chunk = String(repeating: "x", count: 10_000)
        let text = await logged(Array(repeating: chunk, count: 50))
        let lines = text.split(separator: "\n")
        #expect(lines.allSatisfy { $0.utf8.count <= StepLog.longestLine })
        #expect(lines.reduce(0) { $0 + $1.utf8.count } == 500_000)
    }

    @Test func `hides what it learns on the way`() async {
        let book = MemoryLogBook()
        let log = book.stepLog()
        await log.hide(Secret("learned-later"))
        await log.line("see learned-later")
        #expect(book.text(.test) == "see [REDACTED]\n")
    }

    @Test func `a line of our own does not join a line that has not ended`() async {
        let book = MemoryLogBook()
        let log = book.stepLog()
        await log.write(Array("half".utf8))
        await log.line("ours")
        #expect(book.text(.test) == "half\nours\n")
    }

    @Test(arguments: [
        ("\u{1B}[1;31mred\u{1B}[0m", "\u{1B}[1;31mred\u{1B}[0m"),
        ("\u{1B}[38:5:1mred\u{1B}[m", "\u{1B}[38:5:1mred\u{1B}[m"),
        ("a\u{1B}[2Jb\u{1B}[10;10Hc", "abc"),
        ("\u{1B}]0;title\u{07}text", "text"),
        ("\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\", "link"),
        ("\u{1B}[?25lhidden cursor", "hidden cursor"),
        ("\u{1B}(Btext\u{1B}=", "text"),
        ("bell\u{07} back\u{08}space tab\there", "bell backspace tab\there"),
        ("10%\r50%\r100%", "100%"),
        ("windows\r", "windows"),
        ("\u{9B}31mC1\u{85}", "31mC1"),
        ("cut off \u{1B}[3", "cut off "),
        ("cut off \u{1B}", "cut off "),
        ("größer ✓ 🚢", "größer ✓ 🚢"),
    ])
    func `keeps colours and drops every other control`(_ written: String, _ kept: String) {
        #expect(String(decoding: TerminalText.clean(Array(written.utf8)), as: UTF8.self) == kept)
    }

    @Test func `repairs what is not UTF-8`() {
        #expect(String(decoding: TerminalText.clean([0x61, 0x9B, 0x62]), as: UTF8.self) == "a\u{FFFD}b")
    }
}

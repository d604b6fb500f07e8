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

    /// A line is shown within a second; here at once.
    @Test func `shows what is there of a line without an end, and no secret's beginning`() async throws {
        let book = MemoryLogBook()
        let log = book.stepLog(hiding: [Secret("s3cr3t-t0ken!")])
        await log.write(Array("before\nContinue? [y/N] ".utf8))
        try await book.waitFor("Continue? [y/N] ", in: .test)
        #expect(book.text(.test) == "before\n")
        for character in "s3cr3t-t0ken" {
            await log.write(Array(String(character).utf8))
            await log.write(Array("".utf8))
        }
        await log.write(Array("! and more".utf8))
        try await book.waitFor("[REDACTED] and more", in: .test)
        #expect(book.shown(.test) == "Continue? [y/N] [REDACTED] and more")
        await log.write(Array("\nnext\n".utf8))
        #expect(book.text(.test) == "before\nContinue? [y/N] [REDACTED] and more\nnext\n")
        #expect(book.shown(.test).isEmpty)
    }

    @Test(arguments: [
        ("10%\r20%", "20%"), ("10%\r", "10%"), ("....", "...."), ("slipway: done", "| slipway: done"),
        ("\u{1B}[31mred", "\u{1B}[31mred"), ("cut \u{1B}[3", "cut "), ("https://user:passw", "https://"),
        ("a\u{202E}b", "ab"), ("half of s3cr3t", "half of "), ("half of s3", "half of "),
    ])
    func `an unfinished line looks as it will`(_ written: String, _ seen: String) async throws {
        let book = MemoryLogBook()
        let log = book.stepLog(hiding: [Secret("s3cr3t-t0ken!")])
        await log.write(Array(written.utf8))
        try await book.waitFor(seen, in: .test)
        #expect(book.shown(.test) == seen)
    }

    @Test func `what is drawn again and again is one line, however slowly`() async throws {
        let book = MemoryLogBook()
        let log = book.stepLog()
        for number in 1...3 {
            await log.write(Array("\r\(number)0%".utf8))
            try await book.waitFor("\(number)0%", in: .test)
        }
        await log.flush()
        #expect(book.text(.test) == "30%\n")
    }

    @Test(arguments: [
        "slipway: job 1 succeeded", "  slipway: x", "SLIPWAY: x", "\u{1B}[1mslipway\u{1B}[0m: x\u{1B}[0m", "slipway:x",
        "slip\u{200B}way: x", "\tslipway: x", "\u{A0}slipway: x",
        "s" + String(repeating: "\u{1B}[0m", count: 70) + "lipway: job 1 succeeded", "\u{2800}slipway: x",
        "s\u{34F}lipway: x", "\u{FE0F}slipway: x", "\u{3164}slipway: x", "sl\u{180B}ipway: x",
        "\u{E0100}slip\u{115F}way: x", "\u{E0041}slipway\u{FFA0}: x", "slip\u{200A}way: x", "\u{13441}slipway: x",
    ])
    func `a command's line cannot pass for one of ours`(_ line: String) async {
        let text = await logged([line + "\n"])
        #expect(text.hasPrefix("| "))
        #expect(await logged(["x\r" + line]).hasPrefix("| "))
        let long = String(repeating: "x", count: StepLog.longestLine) + line
        #expect(await logged([long]).split(separator: "\n").last?.hasPrefix("| ") == true)
    }

    @Test(arguments: ["a slipway: x", "slipways: x", "slipway is", "slip", "s", "sl\u{1B}[0m", "ѕ"])
    func `other lines are left as they are`(_ line: String) async {
        #expect(await logged([line + "\n"]) == line + "\n")
    }

    @Test func `lines of ours are marked as such in the book`() async {
        let book = MemoryLogBook()
        let log = book.stepLog()
        await log.write(Array("slipway: theirs\n".utf8))
        await log.line("ours")
        await log.quote("slipway: a dyno's")
        await log.flush()
        #expect(book.ownLines == ["slipway: ours\n"])
        #expect(book.text(.test) == "| slipway: theirs\nslipway: ours\n| slipway: a dyno's\n")
    }

    @Test(arguments: [
        ("\u{1B}[31mred", "\u{1B}[31mred\u{1B}[0m"), ("\u{1B}[31mred\u{1B}[0m", "\u{1B}[31mred\u{1B}[0m"),
        ("\u{1B}[31mred\u{1B}[0m \u{1B}[4mx", "\u{1B}[31mred\u{1B}[0m \u{1B}[4mx\u{1B}[0m"),
        ("\u{1B}[8mhidden", "hidden"), ("\u{1B}[0;8;31mx\u{1B}[0m", "\u{1B}[0;31mx\u{1B}[0m"),
        ("\u{1B}[38;5;8mgrey\u{1B}[m", "\u{1B}[38;5;8mgrey\u{1B}[m"),
        ("\u{1B}[38;2;8;8;8mx\u{1B}[0m", "\u{1B}[38;2;8;8;8mx\u{1B}[0m"), ("\u{1B}[5mblink", "blink"),
        ("\u{1B}[38;8mx", "x"), ("\u{1B}[08mx", "x"), ("\u{1B}[8:1mx", "x"),
    ])
    func `a style ends with its line, and none hides it`(_ written: String, _ kept: String) async {
        #expect(await logged([written + "\n"]) == kept + "\n")
    }

    @Test func `characters that are not seen, or turn the text, do not reach a log`() async {
        var unseen = [0x61C, 0x180E, 0xFEFF, 0x2028, 0x2029, 0xE0041, 0x85] + Array(0x2060...0x2064)
        unseen += Array(0x200B...0x200F) + Array(0x202A...0x202E) + Array(0x2066...0x2069)
        for scalar in unseen.compactMap({ Unicode.Scalar(UInt32($0)) }) {
            #expect(await logged(["a\(scalar)b\n"]) == "ab\n", "U+\(String(scalar.value, radix: 16))")
        }
    }

    @Test(arguments: [60, 64, 76], 0..<3) func `finds a secret in base64 that is wrapped`(width: Int, shift: Int) async
    {
        let secret = "It's a Secret/to Everybody? And nobody else's, as long as 64 of them"
        let text = String(repeating: "a", count: 30 + shift) + secret + "z"
        let code = Array(Data(text.utf8).base64EncodedString())
        let lines = stride(from: 0, to: code.count, by: width).map { String(code[$0..<min($0 + width, code.count)]) }
        for prefix in ["", "  ", "#9 0.651 "] {
            let log = await logged(["begin\n"] + lines.map { prefix + $0 + "\n" } + ["end\n"], hiding: [secret])
            #expect(log.hasPrefix("begin\n") && log.hasSuffix("end\n") && log.contains("[REDACTED]"))
            let rest = log.split(separator: "\n").map { $0.replacing(prefix, with: "") }.joined()
            #expect(rest.replacing("[REDACTED]", with: "").count < 30 * 4 / 3 + 30, "\(log)")
            #expect(log.split(separator: "\n").count == lines.count + 2)
        }
    }

    @Test func `a colour within a secret goes on behind it`() async {
        let text = await logged(["\u{1B}[31mred s3cr\u{1B}[0m3t-t0ken! plain\n"], hiding: ["s3cr3t-t0ken!"])
        #expect(text == "\u{1B}[31mred [REDACTED]\u{1B}[0m plain\n")
    }

    @Test func `finds a secret that a line's end cuts, and keeps back no other line`() async {
        let book = MemoryLogBook()
        let log = book.stepLog(hiding: [Secret("s3cr3t-t0ken!")])
        await log.write(Array("ends in s\n".utf8))
        #expect(book.text(.test) == "ends in s\n")
        await log.write(Array("key s3cr3t\n".utf8))
        #expect(book.text(.test) == "ends in s\n")
        await log.write(Array("-t0ken! rest\n".utf8))
        #expect(book.text(.test) == "ends in s\nkey [REDACTED]\n[REDACTED] rest\n")
        await log.write(Array("key s3cr3t-t0\n".utf8))
        await log.flush()
        #expect(book.text(.test).hasSuffix("rest\nkey [REDACTED]\n"))
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
        #expect(book.text(.test) == "slipway: see [REDACTED]\n")
    }

    @Test func `a line of our own does not join a line that has not ended`() async {
        let book = MemoryLogBook()
        let log = book.stepLog()
        await log.write(Array("half".utf8))
        await log.line("ours")
        #expect(book.text(.test) == "half\nslipway: ours\n")
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

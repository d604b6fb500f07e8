import Foundation
import SlipwayCore
import Testing

@testable import SlipwayDeploy

/// What tools print when they fail is in `Samples/NAME.txt`, what of it tells why in `NAME.expected`.
struct TellingLinesTests {
    private static let folder = Bundle.module.resourceURL?.appending(path: "Samples")

    static let samples: [String] = {
        let files = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) } ?? []
        return files.filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.sorted()
    }()

    private func lines(_ file: String) throws -> [Substring] {
        let url = try #require(Self.folder).appending(path: file)
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast()
    }

    private func detail(_ lines: [Substring], _ source: FailureSource) -> [DetailLine] {
        var offset = 0
        var placed: [DetailLine] = []
        for line in lines {
            placed.append(DetailLine(step: .test, offset: offset, text: String(line)))
            offset += line.utf8.count + 1
        }
        return TellingLines.of(placed, source)
    }

    @Test func `there are samples`() {
        #expect(Self.samples.count >= 24)
    }

    @Test(arguments: samples) func `the lines that tell are found, with their place`(name: String) throws {
        let output = try lines(name + ".txt")
        let detail = detail(output, name.hasPrefix("build-") ? .build : .command)
        let expected = try lines(name + ".expected").map { String($0).replacing("\t", with: " ") }
        #expect(detail.map(\.text) == expected)
        let text = Array((output.joined(separator: "\n") + "\n").utf8)
        for line in detail {
            let end = try #require(text[line.offset...].firstIndex(of: UInt8(ascii: "\n")))
            let there = String(decoding: text[line.offset..<end], as: UTF8.self)
            #expect(there.replacing("\t", with: " ") == line.text)
        }
    }

    @Test func `of many the first and the last ones are kept, each cut to a line's length`() {
        let lines = (1...100).map { Substring("error: \($0) " + String(repeating: "x", count: 1000)) }
        let detail = detail(lines, .command)
        #expect(detail.count == TellingLines.most)
        #expect(
            detail.first?.text.hasPrefix("error: 1 x") == true && detail.last?.text.hasPrefix("error: 100 x") == true)
        #expect(detail.allSatisfy { $0.text.count <= 401 })
    }

    @Test func `the last three lines are always there, so that a harmless error hides no end`() {
        func texts(_ lines: [Substring]) -> [String] { detail(lines, .command).map(\.text) }
        let end: [Substring] = ["expected 2", "got 3", "1 of 4 wrong"]
        #expect(texts(["error: cold cache", "", "a", "b"] + end) == ["error: cold cache"] + end.map(String.init))
        let many = texts((1...100).map { Substring("error: \($0)") } + end)
        #expect(many.count == TellingLines.most)
        #expect(many.suffix(4) == ["error: 100", "expected 2", "got 3", "1 of 4 wrong"])
        #expect(texts(["a", "error: b", "c"]) == ["a", "error: b", "c"])
    }

    @Test func `no output has no detail`() {
        #expect(detail([], .command).isEmpty && detail(["", " "], .build).isEmpty)
    }

    @Test func `what is looked through is the end of the output, however long it is`() async {
        let log = MemoryLogBook().stepLog()
        await log.write(Array("error: at the very beginning\n".utf8))
        let line = Array((String(repeating: "x", count: 99) + "\n").utf8)
        for _ in 0..<100 { await log.write(Array(repeatElement(line, count: 100).joined())) }
        await log.write(Array("\u{1B}[31merror: \u{1B}[1mat the end\n".utf8))
        let detail = await log.detail(.command)
        #expect(detail.last == DetailLine(step: .test, offset: 1_000_029, text: "error: at the end"))
        #expect(!detail.contains { $0.text.contains("beginning") })
    }
}

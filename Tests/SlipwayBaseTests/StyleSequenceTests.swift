import SlipwayBase
import Testing

struct StyleSequenceTests {
    @Test(
        arguments: [
            ("[m", [.reset]), ("[0;1m", [.reset, .bold]), ("[2;3;4m", [.faint, .italic, .underlined]),
            ("[22;23;24m", [.plainWeight, .notItalic, .notUnderlined]), ("[4:3m", [.underlined]),
            ("[4:0m", [.notUnderlined]), ("[7;27m", [.other, .other]),
            ("[31;107m", [.foreground(.palette(1)), .background(.palette(15))]),
            ("[39;49m", [.foreground(.standard), .background(.standard)]),
            ("[38;5;200;1m", [.foreground(.palette(200)), .bold]), ("[48:5:9m", [.background(.palette(9))]),
            ("[38;2;1;31;3m", [.foreground(.rgb)]), ("[38:2::1:31:3;4m", [.foreground(.rgb), .underlined]),
            ("[1;38;5m", [.bold]),
        ] as [(String, [StyleSequence.Change])])
    func `each parameter is one change`(_ text: String, _ changes: [StyleSequence.Change]) throws {
        #expect(try #require(StyleSequence(Array("\u{1B}\(text)".utf8)[...])).changes == changes)
    }

    @Test(arguments: ["[8m", "[5;6m", "[2J", "]0;m", "[?1m", "[10m", "c"])
    func `what styles nothing that may stay is none`(_ text: String) {
        #expect(StyleSequence(Array("\u{1B}\(text)".utf8)[...]) == nil)
    }

    @Test(arguments: [("[0;8;31m", "[0;31m"), ("[m", "[m"), ("[1;38;2;8;8;8;6m", "[1;38;2;8;8;8m"), ("[4:3m", "[4:3m")])
    func `only what may stay is kept`(_ text: String, _ kept: String) throws {
        let sequence = try #require(StyleSequence(Array("\u{1B}\(text)".utf8)[...]))
        #expect(String(decoding: sequence.kept, as: UTF8.self) == "\u{1B}" + kept)
    }

    @Test(arguments: [
        ("x", false), ("\u{1B}[31mx", true), ("\u{1B}[31mx\u{1B}[0m", false), ("\u{1B}[31mx\u{1B}[0;4m", true),
        ("\u{1B}[31mx\u{1B}[m y", false),
    ])
    func `a line leaves open what its last sequence begins`(_ line: String, _ isOpen: Bool) {
        #expect(StyleSequence.isOpen(atEndOf: Array(line.utf8)[...]) == isOpen)
    }
}

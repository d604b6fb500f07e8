/// How a program says that something failed: by which line it begins, and which of those behind it belong to it.
struct FailureRule: Sendable {
    let begins: @Sendable (String) -> Bool
    var goesOn: @Sendable (String) -> Bool = { _ in false }
    /// Lines, with the first.
    var most = 1

    static let all = [
        listed, jest, goTest, panic, located, summary, word,
    ]

    /// ExUnit and RSpec, `  1) test adds (CalcTest)`: up to the stack.
    private static let listed = FailureRule(
        begins: { isNumbered($0) },
        goesOn: { line in
            let text = line.trimmed
            return !isNumbered(line) && line.hasPrefix(" ") && text != "stacktrace:" && !text.hasPrefix("# ")
        }, most: 9)

    /// `● adds numbers`: up to the picture of the code or the stack.
    private static let jest = FailureRule(
        begins: { $0.trimmed.hasPrefix("● ") && !$0.hasSuffix("Console") },
        goesOn: { line in
            let text = line.trimmed
            return line.hasPrefix(" ") && !text.hasPrefix("at ") && !text.hasPrefix("● ") && !isPictured(text)
        }, most: 8)

    /// `--- FAIL: TestAdd (0.00s)` and what the test logged.
    private static let goTest = FailureRule(
        begins: { $0.trimmed.hasPrefix("--- FAIL: ") },
        goesOn: { $0.hasPrefix("    ") && !$0.trimmed.hasPrefix("--- ") }, most: 7)

    /// Rust's, which says why on the next lines.
    private static let panic = FailureRule(
        begins: { $0.hasPrefix("thread '") && $0.contains(" panicked at ") },
        goesOn: { !$0.hasPrefix("note: ") && !$0.hasPrefix("stack backtrace") }, most: 4)

    /// Where in the sources it is: `--> src/main.rs:2:18`, `└─ lib/calc.ex:3`, `calc_test.go:9: …`, `./main.go:5:2: …`.
    private static let located = FailureRule(begins: { line in
        let text = line.trimmed
        if text.hasPrefix("--> ") || text.hasPrefix("└─ ") { return true }
        let place = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard place.count == 2, place[0].hasSuffix(":") else { return false }
        let parts = place[0].split(separator: ":")
        guard parts.count >= 2, parts.dropFirst().allSatisfy({ $0.utf8.allSatisfy(\.isDigit) }) else { return false }
        // What a compiler for another language says of a place may be a warning.
        return parts[0].hasSuffix(".go") || parts[0].hasSuffix(".py") && place[1].hasSuffix("Error")
    })

    /// `2 tests, 1 failure`, `3 examples, 1 failure`, `Tests: 1 failed, 2 total`, `= 1 failed in 0.02s =`.
    private static let summary = FailureRule(begins: { line in
        let words = line.lowercased().split { !$0.isLetter && !$0.isNumber }
        return zip(words, words.dropFirst()).contains { count, word in
            ["failed", "failure", "failures", "failing", "errors"].contains(word) && Int(count).map { $0 > 0 } == true
        }
            || zip(words, words.dropFirst()).contains { word, count in
                // JUnit: `Tests run: 2, Failures: 1, Errors: 0`.
                ["failures", "errors"].contains(word) && line.contains("Tests run:")
                    && Int(count).map { $0 > 0 } == true
            }
    })

    /// A word for it, where a program would put it.
    private static let word = FailureRule(begins: { line in
        let text = line.trimmed
        if beginnings.contains(where: text.hasPrefix) || parts.contains(where: text.contains) { return true }
        // `ValueError: …`, `java.lang.IllegalStateException: …`, `error[E0308]: …`, `src/a.ts(3,5): error TS2322: …`
        let head = text.prefix { $0 != ":" }
        guard head.count < text.count, head.count < 120 else { return false }
        let name = head.split(separator: " ").last ?? ""
        return name.hasSuffix("Error") || name.hasSuffix("Exception") || name.hasPrefix("error[E")
            || name.hasPrefix("TS") && head.contains("error ")
    })

    private static let beginnings = [
        // Shells and tools.
        "error:", "Error:", "ERROR:", "error ", "ERROR ", "fatal:", "Fatal:", "FATAL:", "fatal error", "CRITICAL",
        "Killed",
        "Segmentation fault", "Bus error", "out of memory", "sh: ", "bash: ", "/bin/sh: ", "/bin/bash: ", "E: ",
        "curl: (",
        "make: ***", "make[", "CMake Error", "COPY failed", "ADD failed", "Could not ", "An error occurred",
        // Package managers.
        "npm ERR!", "npm error", "yarn error", "ERR_", "mix: ",
        // Test runners: pytest, Go and Jest, RSpec, TAP, Vitest and its like, PHPUnit.
        "E   ", ">    ", "FAILED ", "FAILED:", "FAIL ", "FAIL\t", "Failure/Error:", "rspec ./", "not ok ", "✖ ", "✗ ",
        "✘ ", "× ",
        "Failed asserting",
        // Languages.
        "** (", "== Compilation error", "panic:", "Caused by:", "Exception in thread", "Uncaught ", "Unhandled ", "e: ",
        "FAILURE: Build failed",
    ]

    private static let parts = [
        " error: ", ": error:", ": error ", ": ERROR: ", " ERROR: ", " ERROR ", "[error]", "[ERROR]", "level=error",
        " fatal: ",
        " FATAL: ", ": fatal error:", ": command not found", ": not found", "error TS", "(NoMethodError)",
        "(NameError)",
        "(LoadError)", "(SyntaxError)", "(RuntimeError)", "failed to solve", " ... FAILED", " aborted!",
        "undefined reference to",
    ]

    private static func isNumbered(_ line: String) -> Bool {
        let text = line.trimmed
        let digits = text.prefix { $0.isNumber }
        return line.hasPrefix(" ") && (1...4).contains(digits.count) && text.dropFirst(digits.count).hasPrefix(") ")
    }

    /// A line of code with its number, as Jest shows it: `> 4 |   expect(…`.
    private static func isPictured(_ text: Substring) -> Bool {
        text.first { $0 != ">" && $0 != " " && !$0.isNumber } == "|"
    }
}

extension String {
    fileprivate var trimmed: Substring { self[(firstIndex { !$0.isWhitespace } ?? endIndex)...] }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

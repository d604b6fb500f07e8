import SlipwayBase
import Yams

/// One value of the file with its place. Each way of reading it reports what is wrong and answers nil.
struct Value {
    let path: String
    let line: Int
    let node: Node
    let reading: Reading

    func report(_ message: String) {
        reading.report("\(path): \(message)", line: line)
    }

    func warn(_ message: String) {
        reading.warn("\(path): \(message)", line: line)
    }

    /// `key:` with nothing behind it; `key: ""` is an empty text.
    var isMissing: Bool {
        guard let scalar = node.scalar else { return false }
        return scalar.string.isEmpty && (scalar.style == .plain || scalar.style == .any) && ownTag == nil
    }

    /// What YAML took a text for that begins with `!` and stands in no quotes: the name of a type of the file's own.
    private var ownTag: String? { node.scalar.map(\.tag.rawValue).flatMap { $0.hasPrefix("!") ? $0 : nil } }

    /// `""`, for keys where that is the same as leaving the key out.
    var isEmptyText: Bool { isText("") }
    func isText(_ text: String) -> Bool { node.scalar?.string == text }
    var isList: Bool { node.sequence != nil }
    var isEmptyList: Bool { node.sequence?.isEmpty == true }

    // MARK: Containers

    func section<Result>(_ read: (Section) -> Result) -> Result? {
        guard let mapping = node.mapping else {
            report("must be a mapping of keys to values, not \(kind)")
            return nil
        }
        let section = Section(mapping, path: path, line: line, reading: reading)
        let result = read(section)
        section.close()
        return result
    }

    func list() -> [Value]? {
        guard let sequence = node.sequence else {
            report("must be a list, not \(kind)")
            return nil
        }
        return sequence.enumerated().map { index, node in
            Value(path: "\(path)[\(index)]", line: node.mark?.line ?? line, node: node, reading: reading)
        }
    }

    func list<Element>(of read: (Value) -> Element?) -> [Element]? {
        list()?.compactMap(read)
    }

    // MARK: Scalars

    /// The scalar as it stands, whatever YAML would take it for: `off` and `1.10` are texts. No variable is expanded.
    func literal() -> String? {
        guard let scalar = node.scalar else {
            report("must be a single value, not \(kind)")
            return nil
        }
        if let tag = ownTag {
            report("`\(tag.singleLine(limit: 80))` is a YAML tag here; a value that begins with ! stands in quotes")
            return nil
        }
        guard !scalar.string.utf8.contains(0) else {
            report("holds a NUL character")
            return nil
        }
        return scalar.string
    }

    /// The scalar with its variables expanded. What they hold is hidden nowhere: a registry's host or an app's name is
    /// no secret, even if it comes from the environment.
    func text() -> String? { expanded()?.text }

    /// The same, where a variable is how a secret is handed on: what it holds is hidden wherever it might show.
    func textWithSecrets() -> String? {
        guard let expansion = expanded() else { return nil }
        for value in expansion.values { hide(value) }
        return expansion.text
    }

    /// Wherever it might show.
    func hide(_ secret: String) {
        reading.hide(secret)
        guard secret.utf8.count < Redactor.shortest, !secret.isEmpty else { return }
        warn("holds a secret of less than \(Redactor.shortest) bytes, which logs show: use a longer one")
    }

    private func expanded() -> Expansion? {
        guard let literal = literal() else { return nil }
        let expansion = Expansion(literal, environment: reading.environment)
        for problem in expansion.problems { report(problem) }
        guard expansion.problems.isEmpty else { return nil }
        guard !expansion.text.utf8.contains(0) else {
            report("holds a NUL character")
            return nil
        }
        return expansion
    }

    /// - Parameter what: how the report names what is asked for: `a path`.
    func text(_ what: String, where isGood: (String) -> Bool) -> String? {
        guard let text = text() else { return nil }
        guard isGood(text) else {
            report("must be \(what), not \(quoted(text))")
            return nil
        }
        return text
    }

    func word<Word: RawRepresentable & CaseIterable>(_: Word.Type) -> Word? where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue)
        guard let text = text() else { return nil }
        if let word = Word(rawValue: text) { return word }
        let near = text.nearest(of: words).map { "; did you mean `\($0)`?" } ?? ""
        report("must be \(words.joined(separator: " or ")), not \(quoted(text))\(near)")
        return nil
    }

    func boolean() -> Bool? {
        text("true or false") { $0 == "true" || $0 == "false" }.map { $0 == "true" }
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        let bounds =
            range.upperBound == .max
            ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
        return text("a whole number \(bounds)") { text in
            text.utf8.allSatisfy { $0 != UInt8(ascii: "+") } && Int(text).map(range.contains) == true
        }.flatMap { Int($0) }
    }

    /// `30s`, `20m`, `12h`, `90d`.
    func duration(atLeast shortest: Duration = .seconds(1)) -> Duration? {
        let text = text("a duration such as 30s, 20m, 12h or 90d") { Self.seconds($0) != nil }
        guard let duration = text.flatMap(Self.seconds).map({ Duration.seconds($0) }) else { return nil }
        guard duration >= shortest else {
            report("must be at least \(shortest.components.seconds)s")
            return nil
        }
        return duration
    }

    private static func seconds(_ text: String) -> Int? {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }) else { return nil }
        let digits = text.dropLast()
        // Nine digits of days are 2.7 million years, and far from what overflows.
        guard (1...9).contains(digits.count), digits.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int(digits).map { $0 * unit }
    }

    /// - Parameter isKey: strangers come in by it, and may try any number of them.
    func secret(isKey: Bool = false) -> Secret? {
        guard var text = text() else { return nil }
        // A block of YAML ends with a newline, as a file does.
        if let style = node.scalar?.style, style == .literal || style == .folded, text.utf8.last == UInt8(ascii: "\n") {
            text = String(decoding: text.utf8.dropLast(), as: UTF8.self)
        }
        guard !text.isEmpty else {
            report("the secret is empty")
            return nil
        }
        hide(text)
        let secret = Secret(text)
        if let weakness = Weakness(of: secret, writtenAs: literal() ?? "", isKey: isKey) {
            reading.report(weakness, of: path, line: line)
        }
        return secret
    }

    /// What a report may show of a text: not what came from the environment.
    func quoted(_ text: String) -> String {
        guard text == node.scalar?.string else { return "what its variables hold" }
        return "`\(text.singleLine(limit: 80))`"
    }

    private var kind: String {
        switch node {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar, .alias: "a single value"
        }
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

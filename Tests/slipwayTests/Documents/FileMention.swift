import Foundation

/// A word of a text that names a file or folder of this repository, or means to.
enum FileMention {
    /// Beneath these, a word with a slash is a path whatever it ends with.
    private static let roots = [
        "Sources", "Tests", "Public", "Benchmarks", "docs", "scripts", "packaging", "examples", ".github", ".ci",
    ]
    /// Ends that no other word has.
    private static let ends = [".md", ".swift", ".mustache", ".service", ".socket"]

    /// - Returns: none of an address on the web, of an absolute path or of one that a variable begins.
    static func all(in line: some StringProtocol) -> [Substring] {
        guard ends.contains(where: line.contains) || roots.contains(where: { line.contains($0 + "/") }) else {
            return []
        }
        let words = Substring(line).split { !($0.isLetter || $0.isNumber || "./_-+*:$~@{}=".contains($0)) }
        return words.compactMap { word in
            guard !word.contains("://"), !"/$~".contains(word.first ?? "/") else { return nil }
            guard !word.contains("{"), !word.contains("=") else { return nil }
            // `Steps/*.swift` names a folder at least.
            let star = word.firstIndex(of: "*")
            let path = star.map { word[..<(word[..<$0].lastIndex(of: "/") ?? word.startIndex)] } ?? word
            // A sentence's end, or a line's number.
            let name = path.prefix { $0 != ":" }.trimmingSuffix { ".-".contains($0) }
            let isPath = roots.contains { name.hasPrefix($0 + "/") }
            return !name.isEmpty && (isPath || ends.contains(where: name.hasSuffix)) && !ends.contains(String(name))
                ? name : nil
        }
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var text = self
        while let last = text.last, predicate(last) { text.removeLast() }
        return text
    }
}

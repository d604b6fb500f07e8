import Foundation

/// What a Markdown document links to, and what links may lead to in it. Reads as much of Markdown as the documents use.
struct MarkdownText {
    /// Without the blocks and spans of code, which have no links.
    private let prose: String
    /// Without their marks, as written.
    let headings: [String]

    init(_ text: String) {
        var isCode = false
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard line.drop(while: { $0 == " " }).hasPrefix("```") else { return isCode ? "" : line }
            isCode.toggle()
            return ""
        }
        // A span may go over a line's end, not over a paragraph's.
        prose = lines.joined(separator: "\n").replacing(/`(?:[^`\n]|\n(?!\n))*`/, with: "code")
        headings = Self.headings(of: text)
    }

    private static func headings(of text: String) -> [String] {
        var isCode = false
        return text.split(separator: "\n").compactMap { line in
            if line.drop(while: { $0 == " " }).hasPrefix("```") { isCode.toggle() }
            guard !isCode, let heading = line.wholeMatch(of: /#{1,6} +(.*)/) else { return nil }
            return String(heading.output.1)
        }
    }

    /// What a link has behind its `#`, as GitHub makes it of the headings.
    var anchors: Set<String> {
        var known: Set<String> = []
        for heading in headings {
            // Of a link in a heading its text counts.
            let text = heading.replacing(/\[([^\]]*)\]\([^)]*\)/) { $0.output.1 }.lowercased()
            let slug = String(
                text.compactMap { character -> Character? in
                    if character == " " { return "-" }
                    return character.isLetter || character.isNumber || "-_".contains(character) ? character : nil
                })
            var anchor = slug
            var number = 0
            while !known.insert(anchor).inserted {
                number += 1
                anchor = "\(slug)-\(number)"
            }
        }
        return known
    }

    /// `[text](address)` and `![text](address)`, and the addresses that stand at the end by a name.
    var addresses: [String] {
        prose.matches(of: /\]\(\s*([^)\s]+)[^)]*\)/).map { String($0.output.1) } + definitions.map(\.address)
    }

    private var definitions: [(name: String, address: String)] {
        lines.compactMap { $0.wholeMatch(of: /\[([^\]]+)\]:\s+(\S+)\s*/) }
            .map { (String($0.output.1).lowercased(), String($0.output.2)) }
    }

    private var lines: [Substring] { prose.split(separator: "\n") }

    /// Names in brackets that have no address, and addresses that no bracket names.
    var looseNames: [String] {
        let text = lines.filter { !$0.hasPrefix("#") && $0.wholeMatch(of: /\[([^\]]+)\]:\s+(\S+)\s*/) == nil }
            .joined(separator: "\n")
        // `[text][name]`, or `[name]` alone; `[text](address)` and the box of a list of tasks name nothing.
        let used = text.matches(of: /\[([^\[\]]+)\](?:\[([^\[\]]+)\]|(?![\[(]))/).compactMap { match -> String? in
            let name = String(match.output.2 ?? match.output.1).replacing("\n", with: " ").lowercased()
            return [" ", "x"].contains(name) ? nil : name
        }
        let known = definitions.map(\.name)
        return Set(used).subtracting(known).map { "[\($0)] has no address" }.sorted()
            + Set(known).subtracting(used).map { "[\($0)] is not used" }.sorted()
    }
}

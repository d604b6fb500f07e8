/// A pattern on branch or tag names: `*` matches within a segment, `**` across segments, all else itself. After a `!` it
/// takes out of a list what it matches.
package struct Glob: Sendable, Hashable, CustomStringConvertible {
    package let description: String
    /// Begins with a `!`.
    package let isExclusion: Bool
    private let pattern: [Character]

    package init(_ text: String) {
        description = text
        isExclusion = text.hasPrefix("!")
        pattern = Array(isExclusion ? text.dropFirst() : text[...])
    }

    /// Whether a name is what is written behind the `!`, if there is one.
    package func matches(_ name: String) -> Bool {
        let name = Array(name)
        // One row of "does pattern[..<i] match name[..<j]" at a time: linear in both, whatever the stars.
        var row = [true] + Array(repeating: false, count: name.count)
        var index = 0
        while index < pattern.count {
            let isStar = pattern[index] == "*"
            let isDoubleStar = isStar && index + 1 < pattern.count && pattern[index + 1] == "*"
            var next = Array(repeating: false, count: name.count + 1)
            for position in 0...name.count {
                if isStar {
                    let consumes = position > 0 && next[position - 1] && (isDoubleStar || name[position - 1] != "/")
                    next[position] = row[position] || consumes
                } else if position > 0 {
                    next[position] = row[position - 1] && pattern[index] == name[position - 1]
                }
            }
            row = next
            index += isDoubleStar ? 2 : 1
        }
        return row[name.count]
    }
}

extension [Glob] {
    /// The pattern that decides over a name: the last that matches it, as in GitHub's workflows. So an exclusion stands
    /// behind what it excludes from, and a pattern behind it may take some of that in again.
    func deciding(_ name: String) -> Glob? { last { $0.matches(name) } }

    package func contain(_ name: String) -> Bool { deciding(name)?.isExclusion == false }
}

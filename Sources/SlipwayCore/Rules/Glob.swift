/// A pattern on branch or tag names: `*` matches within a segment, `**` across segments, all else itself.
package struct Glob: Sendable, Hashable, CustomStringConvertible {
    package let description: String
    private let pattern: [Character]

    package init(_ text: String) {
        description = text
        pattern = Array(text)
    }

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

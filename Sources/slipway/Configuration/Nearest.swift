extension String {
    /// The candidate that takes the fewest edits to become from this word, if it is near enough to have been meant.
    func nearest(of candidates: [String]) -> String? {
        let ranked = candidates.map { (word: $0, edits: edits(to: $0)) }
        guard let best = ranked.min(by: { $0.edits < $1.edits }) else { return nil }
        return best.edits <= Swift.max(2, count / 2) && best.edits < best.word.count ? best.word : nil
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    func edits(to other: String) -> Int {
        let left = Array(lowercased().replacing("-", with: "_"))
        let right = Array(other.lowercased().replacing("-", with: "_"))
        var rows = [Array(0...right.count)]
        for row in 1..<(left.count + 1) {
            var next = [row]
            for column in 1..<(right.count + 1) {
                let isSame = left[row - 1] == right[column - 1]
                var edits = Swift.min(
                    rows[row - 1][column] + 1, next[column - 1] + 1, rows[row - 1][column - 1] + (isSame ? 0 : 1))
                let isSwap =
                    row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1]
                if isSwap { edits = Swift.min(edits, rows[row - 2][column - 2] + 1) }
                next.append(edits)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }
}

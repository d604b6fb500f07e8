import SlipwayCore

/// What of a failed build's output is of the command that failed.
enum BuildOutput {
    static func failed(in lines: [DetailLine]) -> [TellingLines.Output] {
        // BuildKit runs several at once, and numbers them: `#9 0.651 no such file`, then `#9 ERROR: …`.
        if let end = lines.lastIndex(where: { error(of: $0.text) != nil }), let step = error(of: lines[end].text) {
            return lines[..<end].compactMap { line in
                guard line.text.hasPrefix(step + " ") else { return nil }
                return said(line, by: step).map { TellingLines.Output(line: line, text: $0) }
            }
        }
        let start = lines.lastIndex { isStep($0.text) }.map { $0 + 1 } ?? 0
        let own = [" ---> ", "Removing intermediate container "]
        return lines[start...].filter { line in !own.contains { line.text.hasPrefix($0) } }
            .map { TellingLines.Output(line: $0, text: $0.text) }
    }

    /// The engine's word on it, which names the command.
    static func verdict(in lines: [DetailLine]) -> DetailLine? {
        lines.last { error(of: $0.text) != nil }
            ?? lines.last { $0.text.hasPrefix("The command '") && $0.text.contains("non-zero code") }
    }

    /// `Step 3/5 : RUN make`
    private static func isStep(_ text: String) -> Bool {
        let words = text.split(separator: " ", maxSplits: 3)
        return words.count == 4 && words[0] == "Step" && words[2] == ":"
            && words[1].allSatisfy { $0.isNumber || $0 == "/" }
    }

    /// The number of the command that this line says failed.
    private static func error(of text: String) -> String? {
        guard text.hasPrefix("#"), let word = text.split(separator: " ").first,
            text.dropFirst(word.count).hasPrefix(" ERROR: "),
            word.dropFirst().allSatisfy(\.isNumber)
        else { return nil }
        return String(word)
    }

    /// What a command printed; nil: BuildKit's own line on it.
    private static func said(_ line: DetailLine, by step: String) -> String? {
        let rest = line.text.dropFirst(step.count + 1)
        let time = rest.prefix { $0.isNumber || $0 == "." }
        guard time.contains("."), rest.dropFirst(time.count).hasPrefix(" ") else { return nil }
        return String(rest.dropFirst(time.count + 1))
    }
}

import SlipwayBase
import SlipwayCore

/// Which lines of a failed command's output tell why it failed.
///
/// They are those in which test runners, compilers and shells are known to say so, each failure with what belongs to it;
/// where none is known, the last ten. The last three are always among them: what is known may be another program's word
/// on something that did no harm. Nothing of it is certain: the log has all.
enum TellingLines {
    static let most = 20
    private static let last = 10
    private static let always = 3
    /// Of more than `most` the first and so many of the last ones, where runners sum up.
    private static let kept = 5
    private static let longestText = 400

    static func of(_ lines: [DetailLine], _ source: FailureSource) -> [DetailLine] {
        let lines = lines.filter { !$0.text.allSatisfy(\.isWhitespace) }
        let meant =
            switch source {
            case .command: lines.map { Output(line: $0, text: $0.text) }
            case .build: BuildOutput.failed(in: lines)
            }
        var telling = telling(in: meant)
        let end = meant.suffix(telling.isEmpty ? last : always).map(\.line)
        telling += end.filter { line in !telling.contains { $0.text == line.text } }
        telling.sort { $0.offset < $1.offset }
        if source == .build, let verdict = BuildOutput.verdict(in: lines), !telling.contains(verdict) {
            telling.append(verdict)
        }
        return cut(telling)
    }

    /// A line, and what its command said of it: BuildKit puts a number and the time before that.
    struct Output {
        var line: DetailLine
        var text: String
    }

    private static func telling(in lines: [Output]) -> [DetailLine] {
        var telling: [DetailLine] = []
        var seen: Set<String> = []
        var index = 0
        while index < lines.count {
            guard let rule = FailureRule.all.first(where: { $0.begins(lines[index].text) }) else {
                index += 1
                continue
            }
            var end = index + 1
            while end < lines.count, end - index < rule.most, rule.goesOn(lines[end].text) { end += 1 }
            for output in lines[index..<end] where seen.insert(output.text).inserted || rule.most > 1 {
                telling.append(output.line)
            }
            index = end
        }
        return telling
    }

    private static func cut(_ lines: [DetailLine]) -> [DetailLine] {
        let kept = lines.count <= most ? lines : lines.prefix(most - kept) + lines.suffix(kept)
        return kept.map { line in
            var line = line
            line.text = line.text.singleLine(limit: longestText)
            return line
        }
    }
}

/// Whose output it is.
enum FailureSource: Sendable {
    /// A test script's, a migration's.
    case command
    /// `docker build`'s.
    case build
}

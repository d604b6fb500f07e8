import SlipwayBase

/// Everything that is wrong with a configuration file, in the order of its lines.
struct ConfigurationError: Error, CustomStringConvertible {
    struct Problem: Sendable, Hashable {
        /// nil: the file as a whole.
        var line: Int?
        /// Key and sentence.
        var message: String
    }

    let file: String
    let problems: [Problem]

    init(file: String, problems: [Problem]) {
        self.file = file
        // Stable, so that several problems of one line stay in the order in which they were found.
        self.problems = problems.enumerated()
            .sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
            .map(\.element)
    }

    /// One line a problem: `slipway.yml:12: server.job: …`.
    var lines: [String] {
        problems.map { problem in
            file + ":" + (problem.line.map { "\($0):" } ?? "") + " " + problem.message.singleLine(limit: 1000)
        }
    }

    var description: String { lines.joined(separator: "\n") }
}

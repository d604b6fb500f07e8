import Foundation
import SlipwayCore
import Testing

/// What docs/api.md lists, held against the code, both ways.
@Suite struct DocumentedAPITests {
    private let document: String
    private let sources: [String]

    init() throws {
        let repository = try RepositoryFiles()
        document = try repository.text(of: "docs/api.md")
        sources = try repository.files.filter { path in
            ["SlipwayCore", "SlipwayHTTP", "SlipwayIntake", "SlipwayWeb"].contains { path.hasPrefix("Sources/\($0)/") }
                && path.hasSuffix(".swift")
        }.map(repository.text(of:))
    }

    /// - Returns: a chapter, without the chapters beneath the next heading of its level.
    private func chapter(_ heading: String) throws -> Substring {
        let start = try #require(document.firstRange(of: "\n## \(heading)\n")).upperBound
        let end = document[start...].firstRange(of: "\n## ")?.lowerBound ?? document.endIndex
        return document[start..<end]
    }

    @Test func `the words are the code's`() throws {
        let words = try chapter("Words")
        func listed(after heading: String) throws -> [String] {
            let line = try #require(words.firstRange(of: "**\(heading)")).upperBound
            return words[line...].prefix { $0 != "." }.matches(of: /`([a-z-]+)`/).map { String($0.output.1) }
        }
        #expect(try listed(after: "States of a job:") == Job.State.allCases.map(\.rawValue))
        #expect(try listed(after: "Steps:") == Step.Name.allCases.map(\.rawValue))
        #expect(try listed(after: "States of a step:") == Step.State.allCases.map(\.rawValue))
        #expect(try listed(after: "Why a job exists** (`trigger.kind`)") == Trigger.Kind.allCases.map(\.rawValue))
    }

    @Test func `the routes are those of the modules`() throws {
        let documented = Set(
            try chapter("Routes").matches(of: /`(GET|POST) (\/[^`]*)`/).map { "\($0.output.1) \($0.output.2)" })
        var routes: Set<String> = []
        for source in sources {
            for match in source.matches(of: /\.on\(\s*\.(get|post), "(\/[^"\\]*)"/) {
                routes.insert("\(match.output.1.uppercased()) \(match.output.2)")
            }
            // Helpers of the modules' own.
            for match in source.matches(of: /\b(get|post)\(&router, "(\/[^"\\]*)"/) {
                routes.insert("\(match.output.1.uppercased()) \(match.output.2)")
            }
        }
        // By the words of what they do, and by a constant.
        for change in HoldOutcome.Change.allCases { routes.insert("POST /\(change.rawValue)/{app}/{target}") }
        routes.formUnion(["POST /pause", "POST /resume", "POST /hooks/github"])
        #expect(routes.subtracting(documented) == [])
        #expect(documented.subtracting(routes) == [])
        #expect(routes.count > 20)
    }

    @Test func `the codes of errors are those that are answered`() throws {
        let documented = Set(
            try chapter("Codes of errors").split(separator: "\n").filter {
                $0.hasPrefix("| `") && !$0.hasPrefix("| `code`")
            }
            .flatMap { $0.prefix { $0 != "4" && $0 != "5" }.matches(of: /`([a-z_]+)`/).map { String($0.output.1) } }
        )
        let answered = Set(sources.flatMap { $0.matches(of: /\bcode: "([a-z_]+)"/).map { String($0.output.1) } })
        #expect(answered.subtracting(documented) == [])
        #expect(documented.subtracting(answered) == [])
    }

    @Test func `the metrics are those that are told`() throws {
        let documented = Set(try chapter("Metrics").matches(of: /`(slipway_[a-z_]+)/).map { String($0.output.1) })
        let told = Set(sources.flatMap { $0.matches(of: /# TYPE (slipway_[a-z_]+)/).map { String($0.output.1) } })
        #expect(documented == told)
    }

    /// What takes an option or a command away would break scripts.
    @Test func `the commands have the options that it names`() async throws {
        let rows = try chapter("Commands").matches(of: /(?m)^\| `slipway ([a-z][a-z-]+)([^`]*)`/)
        #expect(rows.count == 5)
        for row in rows {
            let help = try await Program.run([String(row.output.1), "--help"])
            #expect(help.code == 0, "\(row.output.1)")
            for option in row.output.2.matches(of: /--[a-z-]+/) {
                #expect(help.output.contains(option.output), "\(row.output.0)")
            }
        }
    }
}

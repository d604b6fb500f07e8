import Foundation
import SlipwayCore
import SlipwayHTTP
import Testing

@testable import slipway

/// What README.md and docs/ say of the code, held against it. Its walk-through is run by scripts/try-readme.
@Suite struct DocumentationTests {
    let readme: String

    init() throws { readme = try Self.text("README.md") }

    private static func text(_ name: String) throws -> String {
        try String(contentsOfFile: Program.repository + "/" + name, encoding: .utf8)
    }

    /// Tables, as cells without their backticks.
    private var rows: [[String]] { Self.rows(of: readme) }

    private static func rows(of text: String) -> [[String]] {
        text.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { row in
            row.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.replacing("`", with: "").trimmingCharacters(in: .whitespaces) }
        }
    }

    @Test func `the import table is that of the package`() throws {
        // Each target's chunk begins with its name; of the strings in it, those that name modules are its imports.
        let chunks = try Self.text("Package.swift").split(separator: /\.(?=(?:target|executableTarget|testTarget)\()/)
            .filter { $0.hasPrefix("target(") || $0.hasPrefix("executableTarget(") }
            // What the tests share is no module of Slipway's.
            .filter { !$0.contains("path: \"Tests/") }
            .map { $0.matches(of: /"([^"]+)"/).map { String($0.output.1) } }
        let modules = Set(chunks.compactMap(\.first))
        #expect(modules.count == 12)

        var documented: [String: Set<String>] = [:]
        for row in rows where row.count == 3 && modules.contains(row[0]) {
            let names = row[2] == "all of these" ? Array(documented.keys) : row[2].components(separatedBy: ", ")
            documented[row[0]] = Set(names.map { modules.contains("Slipway" + $0) ? "Slipway" + $0 : $0 })
        }
        for chunk in chunks where chunk[0] != "CLinux" {
            let imports = Set(chunk.dropFirst()).intersection(modules.union(["COpenSSL", "CZlib"]))
            #expect(imports == documented[chunk[0]]?.subtracting(["nothing of ours"]), "\(chunk[0])")
        }
    }

    @Test func `the picture of a job's states is what a job does`() throws {
        let arrows = try Self.text("docs/queue.md").matches(of: /(?m)^ +([a-z]+) --> ([a-z]+)/)
        let drawn = try arrows.map { arrow in
            try "\(#require(Job.State(rawValue: String(arrow.1)))) → \(#require(Job.State(rawValue: String(arrow.2))))"
        }
        let real = Job.State.allCases.flatMap { state in state.next.map { "\(state) → \($0)" } }
        #expect(drawn.sorted() == real.sorted())
    }

    @Test func `the table of effects is what the journal keeps`() throws {
        let rows = try Self.rows(of: Self.text("docs/queue.md")).filter {
            $0.count == 4 && Effect.Kind(rawValue: $0[0]) != nil
        }
        #expect(rows.map(\.[0]) == Effect.Kind.allCases.map(\.rawValue))
        for row in rows {
            let file = Program.repository + "/Tests/SlipwayCoreTests/Effects/\(row[0]).json"
            let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file)))
            let effects = try #require(json as? [[String: Any]])
            func words(_ field: String) -> Set<String> {
                Set(
                    effects.filter { $0["state"] as? String == "done" }.compactMap { $0[field] as? [String: Any] }
                        .flatMap(\.keys))
            }
            func listed(_ cell: String) -> Set<String> { Set(cell.split(separator: ", ").map(String.init)) }
            #expect(listed(row[1]) == words("intent"), "the intent of \(row[0])")
            #expect(listed(row[2]) == words("outcome"), "the outcome of \(row[0])")
            #expect(!row[3].isEmpty, "\(row[0])")
        }
    }

    @Test func `the table of limits is the server's`() throws {
        let limits = try Self.rows(of: Self.text("docs/limits.md")).filter {
            $0.count == 3 && HTTPLimits.names.contains($0[0])
        }
        #expect(limits.map(\.[0]) == HTTPLimits.names)
        let defaults = Dictionary(uniqueKeysWithValues: limits.compactMap { row in Int(row[1]).map { (row[0], $0) } })
        #expect(try HTTPLimits.named(defaults) == HTTPLimits())
    }

    @Test func `the configurations in it and beside it are right`() throws {
        let variables = ["SLIPWAY_WEBHOOK_SECRET", "SLIPWAY_TOKEN", "HEROKU_API_KEY", "GITHUB_TOKEN"]
        let environment = Environment(Dictionary(uniqueKeysWithValues: variables.map { ($0, "what \($0) holds") }))
        let inside = readme.matches(of: /(?s)```yaml\n(.*?)```/).map { String($0.output.1) }
        #expect(inside.count == 1)
        let beside = try ["hello", "elixir"].map { try Self.text("examples/\($0)/slipway.yml") }
        for text in inside + beside {
            _ = try ConfigurationFile.parse(text, file: "slipway.yml", folder: "/", environment: environment)
        }
    }

    /// A link names a test by its text and by its file.
    @Test func `each boundary that SECURITY.md promises is held by a test that there is`() throws {
        // A bullet a line.
        let text = try Self.text("SECURITY.md").replacing(/\n +/, with: " ")
        let holds = try #require(text.firstMatch(of: /(?s)## What holds\n(.*?)## What does not hold\n/)).output.1
        let promises = holds.split(separator: "\n").filter { $0.hasPrefix("- ") }
        #expect(promises.count > 30)
        for promise in promises {
            let tests = promise.matches(of: /\[([^\]]+)\]\((Tests\/[^)]+)\)/)
            #expect(!tests.isEmpty, "no test: \(promise)")
            for test in tests {
                let source = try Self.text(String(test.output.2))
                #expect(source.contains("func `\(test.output.1)`("), "no such test: \(test.output.0)")
            }
        }
    }
}

import Foundation
import Testing

/// Only the module of Heroku, its stand-in and what wires them into the command know Heroku's words.
struct HerokuWordsTests {
    /// Where these words belong.
    private static let homes = [
        "SlipwayHeroku/", "HerokuSandbox/", "slipway/Heroku/", "slipway/Platforms.swift", "slipway/Demo/",
        "slipway/Commands/DemoCommand.swift", "slipway/Commands/HerokuSandboxCommand.swift",
    ]

    /// Where they stand all the same.
    private static let exceptions: [String: String] = [
        "SlipwayBase/Redaction/URLSecret.swift": "addresses that open a dyno or a log to whoever reads them",
        "SlipwayStore/Data/JournalInWords.swift":
            "what the journal of older versions wrote, for the migration that reads it",
        "SlipwayWeb/JSON/StatusView.swift": "the JSON key heroku_app",
        "slipway/Slipway.swift": "what `slipway --help` says the program is for",
    ]

    private func filesWithWords() throws -> Set<String> {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let paths = try #require(FileManager.default.enumerator(atPath: sources.path)).compactMap { $0 as? String }
        let swift = paths.filter { $0.hasSuffix(".swift") }
        try #require(swift.count > 300)
        return Set(
            try swift.filter { path in
                try String(contentsOf: sources.appending(path: path), encoding: .utf8)
                    .contains(/[Hh]eroku|[dD]yno|[fF]ormation\b/)
            })
    }

    @Test func `stand where they belong, and in a few places more, each with its reason`() throws {
        #expect(Self.exceptions.count <= 12)
        let found = try filesWithWords().filter { path in !Self.homes.contains { path.hasPrefix($0) } }
        #expect(
            found.subtracting(Self.exceptions.keys).sorted() == [], "say it without Heroku's words, or add the reason")
        #expect(Set(Self.exceptions.keys).subtracting(found).sorted() == [], "take it off the list")
    }
}

import Foundation
import SlipwayCore
import Testing

@testable import SlipwayHeroku

/// What an app's releases say of what it runs. A line is `version description`, with `!` for one that failed, `?` for one that
/// is pending, and its artifacts behind `#`; the newest is the last.
struct ReleaseTrailTests {
    private func trail(
        _ lines: String, current: Int? = nil, isWhole: Bool = true, processes: [String] = ["web"]
    ) throws -> ReleaseTrail.End {
        let releases = try lines.split(separator: "\n").reversed().map { line -> ReleaseResource in
            let parts = line.split(separator: "#").map { $0.trimmingCharacters(in: .whitespaces) }
            let words = try #require(parts[0].wholeMatch(of: /(\d+)([!?]?) (.*)/))
            let version = try #require(Int(words.1))
            let status = ["!": "failed", "?": "pending"][String(words.2)] ?? "succeeded"
            var release = ReleaseResource(
                id: "r\(version)", version: version, status: status, current: current.map { $0 == version },
                description: String(words.3))
            if parts.count > 1 {
                release.artifacts = parts[1].split(separator: " ").map { ReleaseResource.Artifact(id: String($0)) }
            }
            return release
        }
        return ReleaseTrail(releases: releases, isWhole: isWhole, processes: processes).follow()
    }

    /// `version from origin: clues`
    private func seen(
        _ lines: String, current: Int? = nil, isWhole: Bool = true, processes: [String] = ["web"]
    ) throws -> String {
        switch try trail(lines, current: current, isWhole: isWhole, processes: processes) {
        case .nothing: return "nothing"
        case .furtherBack: return "further back"
        case .image(let found):
            let clues = found.clues.map { clue in
                switch clue {
                case .release(let id): id
                case .image(let digits): digits
                }
            }
            return "v\(found.version) from \(found.origin.id): \(clues.joined(separator: " "))"
        }
    }

    private let new = "1 Initial release\n2 Enable Logplex\n"
    private let two =
        "1 Initial release\n2 Enable Logplex\n3 Deployed web (aaaaaaaaaaaa)\n4 Deployed web (bbbbbbbbbbbb)\n"

    @Test func `a new app runs nothing, whatever is configured in it`() throws {
        #expect(try seen("") == "nothing")
        #expect(try seen(new) == "nothing")
        #expect(try seen(new + "3 Set A, B config vars\n4 Attach DATABASE (@ref:postgresql)") == "nothing")
    }

    @Test func `a deploy brings its image`() throws {
        #expect(try seen(two) == "v4 from r4: r4 bbbbbbbbbbbb")
        #expect(try seen(two, isWhole: false) == "v4 from r4: r4 bbbbbbbbbbbb")
        #expect(
            try seen(two + "5 Deployed web, worker (cccccccccccc)", processes: ["web", "worker"])
                == "v5 from r5: r5 cccccccccccc")
    }

    @Test func `what has not gone live does not count`() throws {
        #expect(try seen(two + "5! Deployed web (cccccccccccc)") == "v4 from r4: r4 bbbbbbbbbbbb")
        #expect(try seen(two + "5? Deployed web (cccccccccccc)") == "v4 from r4: r4 bbbbbbbbbbbb")
        #expect(try seen(two, current: 3) == "v3 from r3: r3 aaaaaaaaaaaa")
    }

    @Test func `a rollback brings back what it names`() throws {
        #expect(try seen(two + "5 Rollback to v3") == "v5 from r5: r5 r3 aaaaaaaaaaaa")
        #expect(try seen(two + "5 Rollback to v3\n6 Rollback to v5") == "v6 from r6: r6 r5 r3 aaaaaaaaaaaa")
        #expect(try seen("9 Rollback to v3", isWhole: false) == "further back")
    }

    @Test func `a change of the configuration keeps the image and who brought it`() throws {
        #expect(try seen(two + "5 Set LANG config vars") == "v5 from r4: r5 r4 bbbbbbbbbbbb")
        #expect(try seen(two + "5 Rollback to v3\n6 Remove A config vars") == "v6 from r5: r6 r5 r3 aaaaaaaaaaaa")
        #expect(try seen("5 Set LANG config vars", isWhole: false) == "further back")
    }

    @Test func `after a deploy that failed it is not known which image a change keeps, unless Heroku shows it`() throws
    {
        let failed = two + "5! Deployed web (cccccccccccc)\n6 Set LANG config vars"
        #expect(try seen(failed) == "v6 from r6: r6")
        let shown = "3 Deployed web (aaaaaaaaaaaa) # x\n4! Deployed web (bbbbbbbbbbbb) # y\n"
        #expect(try seen(shown + "5 Set A config vars # y") == "v5 from r4: r5 r4 bbbbbbbbbbbb")
        #expect(try seen(shown + "5 Set A config vars # x") == "v5 from r3: r5 r3 aaaaaaaaaaaa")
    }

    @Test func `what Heroku shows of images counts more than what it says`() throws {
        let shown = "3 Deployed web (aaaaaaaaaaaa) # x\n4 Deployed web (bbbbbbbbbbbb) # y\n"
        #expect(try seen(shown + "5 Rollback to v3 # x") == "v5 from r5: r5 r3 aaaaaaaaaaaa")
        #expect(try seen(shown + "5 Rollback to v3 # y") == "v5 from r5: r5 r4 bbbbbbbbbbbb", "it restored no image")
        #expect(try seen(shown + "5 Rollback to v3 # z") == "v5 from r5: r5")
        #expect(try seen(shown + "5 Something new # y") == "v5 from r4: r5 r4 bbbbbbbbbbbb")
    }

    @Test func `what is not understood has no clue but itself`() throws {
        #expect(try seen(two + "5 Deploy 48141bb0") == "v5 from r5: r5")
        #expect(try seen(two + "5 Removed web") == "v5 from r5: r5")
        #expect(try seen(two + "5 Something new\n6 Set A config vars") == "v6 from r5: r6 r5")
    }

    @Test func `another type's image leaves this one's as it was`() throws {
        #expect(try seen(two + "5 Deployed release (cccccccccccc)") == "v5 from r4: r5 r4 bbbbbbbbbbbb")
        #expect(try seen(two + "5 Removed release") == "v5 from r4: r5 r4 bbbbbbbbbbbb")
        let types = "3 Deployed web (aaaaaaaaaaaa) # x w\n4 Removed worker # x"
        #expect(try seen(types) == "v4 from r3: r4 r3 aaaaaaaaaaaa")
        #expect(
            try seen(two + "5 Deployed web (cccccccccccc)", processes: ["web", "worker"]) == "v5 from r5: r5",
            "the worker's is not known")
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayDeploy

/// git, which fetches what jobs build.
struct ToolCheck {
    private let runner = CommandRunner()

    func git() async -> [Finding] {
        await findings("git") {
            let result = try await runner.collect(Command("git", ["version"], environment: CommandEnvironment.git()))
            guard let version = Version(in: result.text) else {
                return [
                    .error("git: `git version` says “\(result.text.trimmed.singleLine())”; install git 2.31 or newer")
                ]
            }
            // GIT_CONFIG_COUNT, by which git gets tokens out of sight, came with 2.31.
            guard version >= Version(2, 31) else {
                return [.error("git: version \(version) is too old; install git 2.31 or newer")]
            }
            return [.ok("git: version \(version)")]
        }
    }

    private func findings(_ tool: String, _ look: () async throws -> [Finding]) async -> [Finding] {
        do {
            return try await look()
        } catch {
            return [.error("\(tool): \(error); install it, or set PATH")]
        }
    }
}

/// The first two numbers of a program's version.
struct Version: Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int

    init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// The first `1.2` in a text.
    init?(in text: String) {
        guard let match = text.firstMatch(of: /([0-9]{1,6})\.([0-9]{1,6})/)?.output,
            let major = Int(match.1), let minor = Int(match.2)
        else { return nil }
        self.init(major, minor)
    }

    static func < (left: Version, right: Version) -> Bool { (left.major, left.minor) < (right.major, right.minor) }

    var description: String { "\(major).\(minor)" }
}

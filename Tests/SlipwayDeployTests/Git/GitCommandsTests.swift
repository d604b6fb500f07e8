import Foundation
import SlipwayBase
import SlipwayCore
import Testing

@testable import SlipwayDeploy

struct GitCommandsTests {
    let git = GitCommands(mirror: "/data/mirrors/my_app.git", base: ["PATH": "/usr/bin", "LANG": "C.UTF-8"])

    @Test func `reads as an operator would type it`() throws {
        let tag = try #require(GitRef("refs/tags/v1"))
        #expect(git.initialise().description == "git init --quiet --bare --template= -- /data/mirrors/my_app.git")
        #expect(
            git.commit(at: tag).description
                == "git --git-dir /data/mirrors/my_app.git rev-parse --verify --quiet --end-of-options refs/tags/v1^{commit}"
        )
        #expect(
            git.archive(Samples.commit, to: "/w/source.tar").description
                == "git --git-dir /data/mirrors/my_app.git archive --format=tar --prefix=source/ --output=/w/source.tar --end-of-options \(Samples.commit)"
        )
        #expect(
            git.fetch("https://github.com/owner/my_app.git", authorization: nil).description
                == "git --git-dir /data/mirrors/my_app.git fetch --quiet --prune --no-tags --no-recurse-submodules --no-write-fetch-head"
                + " --no-auto-maintenance --force --update-shallow -- https://github.com/owner/my_app.git +refs/heads/*:refs/heads/* +refs/tags/*:refs/tags/*"
                .replacingOccurrences(of: "+refs/heads/*:refs/heads/*", with: "'+refs/heads/*:refs/heads/*'")
                .replacingOccurrences(of: "+refs/tags/*:refs/tags/*", with: "'+refs/tags/*:refs/tags/*'"))
    }

    @Test func `a token travels in the environment, for one origin, and follows no redirect`() {
        let authorization = GitAuthorization(
            origin: "https://github.com", login: Secret("x-access-token:ghp_0123456789"))
        let command = git.fetch("https://github.com/owner/my_app.git", authorization: authorization)
        #expect(!command.arguments.contains { $0.contains("ghp_") || $0.contains("Basic") })
        let settings = self.settings(command)
        let basic = Data("x-access-token:ghp_0123456789".utf8).base64EncodedString()
        #expect(settings["http.https://github.com/.extraHeader"] == "Authorization: Basic \(basic)")
        #expect(settings["http.https://github.com/.followRedirects"] == "false")
        #expect(!command.description.contains(basic))
    }

    @Test(arguments: [
        ("https://github.com/owner/my_app.git", true), ("https://github.com.evil.example/x.git", false),
        ("https://gist.github.com/x.git", false), ("http://github.com/owner/my_app.git", false),
        ("https://github.com:444/x.git", false),
    ])
    func `git itself gives the token to that origin only`(_ url: String, _ isGiven: Bool) async throws {
        let authorization = GitAuthorization(
            origin: "https://github.com", login: Secret("x-access-token:ghp_0123456789"))
        var command = git.fetch(url, authorization: authorization)
        command.environment["PATH"] = CommandEnvironment.git()["PATH"]
        command.arguments = ["config", "--get-urlmatch", "http.extraHeader", url]
        let answer = try await CommandRunner().collect(command)
        #expect(answer.text.hasPrefix("Authorization: Basic ") == isGiven)
    }

    @Test func `neither the system's nor a user's configuration counts, and nothing is asked`() {
        let environment = git.fetch("file:///r", authorization: nil).environment
        #expect(environment["GIT_CONFIG_NOSYSTEM"] == "1")
        #expect(environment["GIT_CONFIG_GLOBAL"] == "/dev/null")
        #expect(environment["GIT_TERMINAL_PROMPT"] == "0")
        #expect(environment["GIT_ALLOW_PROTOCOL"] == "https:ssh:file")
        #expect(environment["HOME"] == "/data/mirrors/my_app.git")
    }

    @Test func `a login in the clone URL leaves it`() {
        let url = CloneURL("https://deploy:s3cr3t@git.example.com:8443/team/app.git")
        #expect(url.text == "https://git.example.com:8443/team/app.git")
        #expect(url.origin == "https://git.example.com:8443")
        #expect(url.login == Secret("deploy:s3cr3t"))
        #expect(CloneURL("git@github.com:owner/app.git").origin == nil)
        #expect(CloneURL("file:///srv/app.git").text == "file:///srv/app.git")
    }

    private func settings(_ command: Command) -> [String: String] {
        let count = Int(command.environment["GIT_CONFIG_COUNT"] ?? "") ?? 0
        return Dictionary(
            (0..<count).map {
                (command.environment["GIT_CONFIG_KEY_\($0)"] ?? "", command.environment["GIT_CONFIG_VALUE_\($0)"] ?? "")
            }, uniquingKeysWith: { $1 })
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import TestSupport
import Testing

@testable import slipway

/// What people write who come from elsewhere: it is understood, or the report says what to write instead.
@Suite struct ConfigurationSpellingTests {
    private func parse(_ text: String) throws -> Configuration {
        try ConfigurationFile.parse(text, file: "slipway.yml", folder: "/etc/slipway", environment: Environment([:]))
    }

    private func file(repository: String = "octo/hello", when: String = "{push: [main]}", more: String = "") -> String {
        """
        server: {data: data, webhook_secrets: [the-secret-of-these-tests]}
        heroku: {api_key: heroku-key}
        apps:
          hello:
            repository: \(repository)
            targets:
              homolog: {heroku: octo-homolog, when: \(when)}
        \(more)
        """
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try parse(text)
            return []
        } catch let error as ConfigurationError {
            return error.lines.map { $0.replacing("slipway.yml:", with: "") }
        } catch {
            return ["\(error)"]
        }
    }

    private func condition(_ when: String) throws -> DeployCondition {
        try parse(file(when: when)).apps[0].targets[0].when
    }

    // MARK: Patterns

    @Test func `patterns keep their order, and full names lose what every name has`() throws {
        let when = try condition(#"{push: ["**", "!refs/heads/wip/**"], tag: [refs/tags/v*, "!v*-rc*", v3-rc1]}"#)
        #expect(when.branches.map(\.description) == ["**", "!wip/**"])
        #expect(when.tags.map(\.description) == ["v*", "!v*-rc*", "v3-rc1"])
    }

    @Test(arguments: [
        (
            #"{push: ["!main"]}"#,
            #"when.push: only leaves out, so that nothing deploys; begin with what deploys, as in ["**", "!main"]"#
        ),
        (
            #"{tag: ["!v*", "!w*"]}"#,
            #"when.tag: only leaves out, so that nothing deploys; begin with what deploys, as in ["**", "!v*"]"#
        ),
        (#"{push: ["**", "!"]}"#, "when.push[1]: must be a pattern of branch names, not `!`"),
        (
            #"{push: ["**", !wip]}"#,
            "is not YAML: while scanning a tag of line 7, did not find expected whitespace or line break; a value that "
                + "begins with ! stands in quotes"
        ),
        (
            #"{push: ["**", !wip ]}"#,
            "when.push[1]: `!wip` is a YAML tag here; a value that begins with ! stands in quotes"
        ),
        (
            #"{push: ["v[0-9]+"]}"#,
            "when.push[0]: must be a pattern of branch names, not `v[0-9]+`; the only wildcards are * and **, and no name "
                + "holds a `[`"
        ),
        (
            #"{push: ["main?"]}"#,
            "when.push[0]: must be a pattern of branch names, not `main?`; the only wildcards are * and **, and no name "
                + "holds a `?`"
        ),
        (
            #"{push: ["main, next"]}"#,
            "when.push[0]: must be a pattern of branch names, not `main, next`; give each pattern a place of its own in "
                + "the list"
        ),
        (
            #"{push: ["feature/"]}"#,
            "when.push[0]: must be a pattern of branch names, not `feature/`; what is beneath it is `feature/**`"
        ),
        (
            "{push: [refs/tags/v1]}",
            "when.push[0]: must be a pattern of branch names, not `refs/tags/v1`; that belongs to tag"
        ),
        (
            "{tag: [refs/heads/main]}",
            "when.tag[0]: must be a pattern of tag names, not `refs/heads/main`; that belongs to push"
        ),
        (
            "{push: [refs/pull/1/head]}",
            "when.push[0]: must be a pattern of branch names, not `refs/pull/1/head`; git allows no such name"
        ),
        ("{push: [/main]}", "when.push[0]: must be a pattern of branch names, not `/main`; git allows no such name"),
        (
            "{push: [**]}",
            "is not YAML: while scanning an alias of line 7, did not find expected alphabetic or numeric character; a value "
                + "that begins with * stands in quotes"
        ),
        ("{push: main}", "when.push: must be a list of patterns, as in [main]"),
        (
            "{release: prereleased}",
            "when.release: must be published, with prereleases: true beside it for pre-releases, not `prereleased`"
        ),
        ("{release: create}", "when.release: must be published or released, not `create`"),
        (
            "{release: released, prereleases: true}",
            "when.prereleases: belongs to release: published; GitHub sends no other of these words for a pre-release"
        ),
        (
            "{push: [main], prereleases: true}",
            "when.prereleases: belongs to release: published; GitHub sends no other of these words for a pre-release"
        ),
        ("{release: published, prereleases: yes}", "when.prereleases: must be true or false, not `yes`"),
    ])
    func `a condition that cannot be meant says what to write`(when: String, report: String) {
        let problems = problems(file(when: when))
        let place = report.hasPrefix("when") ? "7: apps.hello.targets.homolog." : "7: "
        #expect(problems == [place + report])
    }

    @Test func `an exclusion in front of everything is warned about`() throws {
        #expect(
            try parse(file(when: #"{push: ["!wip", "**"]}"#)).warnings == [
                "slipway.yml:7: apps.hello.targets.homolog.when.push: `!wip` leaves out nothing where it stands: the last "
                    + "pattern that matches decides, so move it behind"
            ])
    }

    @Test func `releases and pre-releases`() throws {
        #expect(try !condition("{release: published}").prereleases)
        #expect(try condition("{release: published, prereleases: true}").prereleases)
        #expect(try condition("{release: released}").release == "released")
    }

    // MARK: Repositories

    @Test(arguments: [
        ("octo/hello", "https://github.com/octo/hello.git"), ("octo/hello.git", "https://github.com/octo/hello.git"),
        ("octo/hello/", "https://github.com/octo/hello.git"), ("Octo/hel.lo", "https://github.com/Octo/hel.lo.git"),
        ("https://github.com/octo/hello", "https://github.com/octo/hello.git"),
        ("https://github.com/octo/hello.git", "https://github.com/octo/hello.git"),
        ("https://github.com/octo/hello/", "https://github.com/octo/hello.git"),
        ("https://github.com/octo/hello.git/", "https://github.com/octo/hello.git"),
        ("http://www.GitHub.com/octo/hello", "https://github.com/octo/hello.git"),
        ("git://github.com/octo/hello.git", "https://github.com/octo/hello.git"),
        ("github.com/octo/hello", "https://github.com/octo/hello.git"),
        ("https://git.example:8443/octo/hello.git", "https://git.example:8443/octo/hello.git"),
        ("git@github.com:octo/hello.git", "git@github.com:octo/hello.git"),
        ("git@github.com:octo/hello", "git@github.com:octo/hello.git"),
        ("ssh://git@github.com/octo/hello.git", "ssh://git@github.com/octo/hello.git"),
        ("ssh://git@ssh.github.com:443/octo/hello", "ssh://git@ssh.github.com:443/octo/hello.git"),
        ("git+ssh://git@github.com/octo/hello.git", "ssh://git@github.com/octo/hello.git"),
    ])
    func `a repository is known by its name and by its addresses`(text: String, cloneURL: String) throws {
        let app = try parse(file(repository: "\"\(text)\"")).apps[0]
        #expect(app.repository.lowercased() == (text.contains("hel.lo") ? "octo/hel.lo" : "octo/hello"))
        #expect(app.cloneURL == cloneURL)
        #expect(
            try parse(file(repository: "\"\(text)\"\n    clone_url: file:///srv/hello.git")).apps[0].cloneURL
                == "file:///srv/hello.git")
    }

    @Test(arguments: [
        "hello", "octo/hello/tree/main", "https://github.com/octo", "https://github.com/octo/hello/tree/main",
        "https://github.com/octo/hello?tab=readme", "file:///srv/octo/hello",
        "git@github.com:hello", "octo/..", "octo/.git", "-octo/hello", "ssh://-oProxyCommand=x/octo/hello",
        "octo hello",
        "ftp://github.com/octo/hello", "https:///octo/hello", "/octo/hello",
    ])
    func `what names no repository is refused with both forms`(text: String) {
        #expect(
            problems(file(repository: "\"\(text)\"")) == [
                "5: apps.hello.repository: must be owner/name, or the repository's address such as "
                    + "https://github.com/owner/name, not `\(text)`"
            ])
    }

    @Test(arguments: [
        "https://ghp_secret@github.com/octo/hello", "HTTPS://me:ghp_secret@git.example/octo/hello.git",
        "ssh://me:secret@git.example/octo/hello",
    ])
    func `a login in the repository's address is refused and not shown`(text: String) {
        #expect(
            problems(file(repository: "\"\(text)\"")) == [
                "5: apps.hello.repository: holds a login; name the repository without it, and set github.token, or "
                    + "clone_url for another host"
            ])
    }

    // MARK: What editors do

    @Test(arguments: ["\u{FEFF}", ""], ["\n", "\r\n"])
    func `a byte order mark and Windows' ends of lines change nothing`(mark: String, end: String) throws {
        let folder = try TemporaryFolder()
        let text = file(more: "    test: {image: busybox, run: \"true\"}\n    build:\n      args: {A: b}")
        let path = try folder.write(mark + text.replacing("\n", with: end), to: "slipway.yml")
        let app = try ConfigurationFile.read(at: path, environment: Environment([:])).apps[0]
        #expect(app.test?.run == "true" && app.build.arguments.map(\.value) == ["b"])
    }

    @Test(arguments: [
        (String.Encoding.utf16LittleEndian, [0xFF, 0xFE] as [UInt8]), (.utf16BigEndian, [0xFE, 0xFF]),
    ])
    func `UTF-16 is named`(encoding: String.Encoding, mark: [UInt8]) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/slipway.yml"
        try (Data(mark) + #require(file().data(using: encoding))).write(to: URL(fileURLWithPath: path))
        #expect {
            try ConfigurationFile.read(at: path, environment: Environment([:]))
        } throws: {
            "\($0)" == path
                + ": the configuration cannot be read: it is UTF-16, by its byte order mark; save it as UTF-8"
        }
    }

    @Test func `a byte order mark is no part of a secret in a file`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("\u{FEFF}the-secret\r\n", to: "secret")
        #expect(try SecretFile.text(at: path) == "the-secret")
    }

    // MARK: Merge keys

    @Test func `several anchors are merged, the earlier before the later, and what stands there before all`() throws {
        let text = """
            server: {data: data, webhook_secrets: [the-secret-of-these-tests]}
            heroku: {api_key: heroku-key}
            apps:
              hello:
                repository: octo/hello
                targets:
                  first: {heroku: octo-first, health: &slow {within: 9m, status: 204}}
                  second: {heroku: octo-second, health: &up {<<: *slow, path: /up, within: 5m}}
                  third: {heroku: octo-third, health: {path: /ready, <<: [*up, *slow]}}
                  fourth:
                    heroku: octo-fourth
                    health:
                      <<: [*slow, *up]
            """
        let health = try parse(text).apps[0].targets.map(\.health)
        #expect(health.map(\.path) == ["/", "/up", "/ready", "/up"])
        #expect(health.map(\.status) == [204, 204, 204, 204])
        #expect(health.map(\.within) == [.seconds(540), .seconds(300), .seconds(300), .seconds(540)])
    }

    @Test(arguments: [
        ("build: {<<: x}", "9: apps.hello.build.<<: merges a mapping or a list of mappings, as in <<: [*a, *b]"),
        (
            "build: {<<: [{stage: a}, x]}",
            "9: apps.hello.build.<<: merges a mapping or a list of mappings, as in <<: [*a, *b]"
        ),
        ("build: {<<: {stages: a}}", "9: apps.hello.build.stages: unknown key; did you mean `stage`?"),
        (
            "build: {<<: {stage: a}, <<: {stage: b}}",
            "9: `<<` stands twice in this mapping; merge several by <<: [*a, *b]"
        ),
    ])
    func `a merge that cannot be meant says so`(line: String, report: String) {
        #expect(problems(file(more: "\n    \(line)")) == [report])
    }

    @Test func `in quotes the merge key is a word like any other`() {
        let problems = problems(file(more: "\n    build: {\"<<\": {stage: a}}"))
        #expect(problems.count == 1 && problems[0].hasPrefix("9: apps.hello.build.<<: unknown key"))
    }

    @Test(.endsIfItHangs) func `anchors that merge each other twice and again end soon`() {
        let anchors = (1...40).map { "        a\($0): &a\($0) {<<: [*a\($0 - 1), *a\($0 - 1)]}" }
        let more =
            "    test:\n      image: a\n      run: b\n      env:\n        a0: &a0 {}\n"
            + anchors.joined(separator: "\n")
            + "\n        <<: *a40"
        #expect(problems(file(more: more)).contains(" merges more than 1000 mappings by <<"))
    }
}

import SlipwayCore
import Testing

struct FrontendTests {
    private func found(_ text: String) -> [FrontendDetection.Finding] {
        FrontendDetection.findings(in: Array(text.utf8))
    }

    /// Every spelling by which some version of BuildKit would run `evil/x`.
    @Test(arguments: [
        "# syntax=evil/x\nFROM scratch\n",
        "#syntax=evil/x\nFROM scratch\n",
        "#\t SYNTAX \t=  evil/x  \t\r\nFROM scratch\r\n",
        "# Syntax = evil/x with arguments\n",
        "# escape=`\n# check=skip=all\n# syntax=evil/x\n",
        "# check=error=true\n#syntax=evil/x\n",
        // An older version goes on behind a directive that it does not know.
        "# owner=me\n# syntax=evil/x\n",
        // One takes the first of two, another the last.
        "# syntax=docker/dockerfile\n# syntax=evil/x\n",
        "\u{FEFF}# syntax=evil/x\n",
        "#!/usr/bin/env dockerfile\n# syntax=evil/x\n",
        "\u{FEFF}#!/bin/sh\n#syntax=evil/x\n",
        "// syntax=evil/x\nFROM scratch\n",
        "//syntax=evil/x\n",
        "// escape=`\n//  Syntax = evil/x\n",
        "#\u{A0}syntax=evil/x\n",
        "# syntax=evil/x",
    ])
    func `a frontend is found however the Dockerfile spells it`(_ text: String) {
        #expect(found(text).contains(.image("evil/x")), "\(text)")
    }

    @Test(arguments: [
        #"{"syntax": "evil/x"}"#, "\u{FEFF} \n\t{\"s\\u0079ntax\": \"evil/x\"}", "#!/bin/x\n{\"syntax\":\"evil/x\"}",
    ])
    func `JSON is no Dockerfile`(_ text: String) {
        #expect(found(text) == [.json])
    }

    @Test(arguments: [
        "FROM scratch\n# syntax=evil/x\n", "# A comment.\n# syntax=evil/x\nFROM scratch\n", "\n# syntax=evil/x\n",
        " # syntax=evil/x\n", "# syntax evil/x\n", "# syntax=\n", "", "RUN x # syntax=evil/x\n", "#\n# syntax=evil/x\n",
        "# the syntax = evil/x\n", "# escape=`\nFROM scratch\n",
    ])
    func `what no BuildKit takes for a directive is none`(_ text: String) {
        #expect(found(text).isEmpty)
    }

    @Test func `a line of any length is read`() {
        let long = "# check=" + String(repeating: "x", count: 200_000)
        #expect(found(long + "\n# syntax=evil/x\n") == [.image("evil/x")])
    }

    private static let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test(arguments: [
        "docker/dockerfile", "docker/dockerfile:1", "docker/dockerfile:1.7-labs", "docker.io/docker/dockerfile:1",
        "index.docker.io/docker/dockerfile", "docker/dockerfile@\(digest)", "docker/dockerfile:1.4@\(digest)",
    ])
    func `Docker's own frontend is allowed by every tag and digest`(_ image: String) {
        #expect(Frontends.default.allows(image))
    }

    @Test(arguments: [
        "", "docker/dockerfile-evil", "docker/dockerfile/x", "docker/dockerfile-upstream:master",
        "evil/docker/dockerfile",
        "docker/dockerfile:", "docker/dockerfile:1:2", "docker/dockerfile@sha256:0", "docker/dockerfile@\(digest)x",
        "docker/dockerfile@\(digest)@\(digest)", "docker.io.evil.com/docker/dockerfile", "localhost/docker/dockerfile",
        "registry-1.docker.io.evil/docker/dockerfile", "docker.io/docker.io/docker/dockerfile", "Docker/dockerfile",
        "docker/dockerfile\tx", "docker/dockerfile\u{200B}", "dосker/dockerfile", "docker/dockerfile?x", "dockerfile",
        "https://docker.io/docker/dockerfile", "docker//dockerfile", "docker/dockerfile/", "x:5000/docker/dockerfile",
    ])
    func `what only looks like it is not`(_ image: String) {
        #expect(!Frontends.default.allows(image))
    }

    @Test func `a list allows what it names, with its tag or digest if it names one`() {
        let list = Frontends(images: ["corp:5000/frontend:2", "mine/front@\(Self.digest)"])
        #expect(list.allows("corp:5000/frontend:2"))
        #expect(list.allows("corp:5000/frontend:2@\(Self.digest)"))
        #expect(!list.allows("corp:5000/frontend"))
        #expect(!list.allows("corp:5000/frontend:20"))
        #expect(list.allows("docker.io/mine/front:x@\(Self.digest)"))
        #expect(!list.allows("mine/front"))
        #expect(!list.allows("docker/dockerfile"))
        #expect(!Frontends(images: []).allows("docker/dockerfile"))
    }

    @Test(arguments: [
        ("docker.io", "docker.io"), ("index.docker.io", "docker.io"), ("registry-1.docker.io", "docker.io"),
        ("https://index.docker.io/v1/", "docker.io"), ("GHCR.io", "ghcr.io"),
        ("registry.heroku.com:443", "registry.heroku.com"),
        ("registry.heroku.com.", "registry.heroku.com"), ("127.0.0.1:5000", "127.0.0.1:5000"),
    ])
    func `a registry has one spelling`(_ host: String, _ canonical: String) {
        #expect(RegistryLogin.canonical(host) == canonical)
    }
}

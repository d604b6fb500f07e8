import SlipwayBase
import SlipwayCore
import Testing

@testable import slipway

/// The keys that say what a build may do and have.
@Suite struct BuildConfigurationTests {
    private func parse(_ text: String) throws -> Configuration {
        try ConfigurationFile.parse(
            text, file: "slipway.yml", folder: "/etc/slipway",
            environment: Environment([
                "SECRET": "secret-secret-secret", "NPM_TOKEN": "npm-token-1", "HUB": "hub-password",
            ]))
    }

    private func file(top: String = "", build: String = "", test: String = "") -> String {
        """
        server: {listen: 127.0.0.1:0, data: data, webhook_secrets: ["${SECRET}"]}
        heroku: {api_key: "${SECRET}"}
        \(top)
        apps:
          hello:
            repository: octo/hello
            \(test.isEmpty ? "" : "test: {image: busybox, run: make, \(test)}")
            build: {\(build)}
            targets: {production: {heroku: octo-hello}}
        """
    }

    private func problem(_ text: String) -> String {
        do {
            _ = try parse(text)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `builds have defaults`() throws {
        let configuration = try parse(file())
        #expect(configuration.build.frontends.images == ["docker/dockerfile"])
        #expect(configuration.build.cgroupParent == nil && configuration.registries.isEmpty)
        let build = try #require(configuration.apps.first).build
        #expect(build.secrets.isEmpty && build.ssh.isEmpty)
    }

    @Test func `registries have logins, Docker Hub by every one of its names`() throws {
        for hub in ["docker.io", "index.docker.io", "https://index.docker.io/v1/"] {
            let configuration = try parse(
                file(
                    top:
                        #"registries: [{host: "\#(hub)", user: me, password: "${HUB}"}, {host: GHCR.io, user: b, password: x}]"#
                ))
            #expect(configuration.registries.map(\.host) == ["docker.io", "ghcr.io"])
            #expect(
                configuration.registries[0].user == "me"
                    && configuration.registries[0].password.revealed == "hub-password")
            #expect(configuration.secrets.contains(Secret("hub-password")))
        }
    }

    @Test(arguments: ["registry.heroku.com", "Registry.Heroku.com", "registry.heroku.com:443", "registry.heroku.com."])
    func `a login for Heroku's registry is refused, however it is spelled`(_ host: String) {
        let text = problem(file(top: "registries: [{host: \(host), user: _, password: x}]"))
        #expect(text.contains("registries[0].host: is Heroku's registry"), "\(text)")
    }

    @Test(arguments: [
        (
            "registries: [{host: docker.io, user: a, password: x}, {host: index.docker.io, user: b, password: y}]",
            "stands above"
        ),
        ("registries: [{host: ghcr.io, user: a}]", "password is missing"),
        ("registries: [{host: ghcr.io/team, user: a, password: x}]", "must be a host"),
        (#"registries: [{host: ghcr.io, user: "a:b", password: x}]"#, "without `:`"),
        ("build: {frontends: [docker/dockerfile, 'evil evil']}", "the name of a frontend's image"),
        ("build: {frontend: []}", "did you mean `frontends`?"), ("build: {cgroup_parent: builds}", "a slice such as"),
        ("build: {cgroup_parent: /a/../b}", "a slice such as"),
    ])
    func `what is wrong there is said`(_ top: String, _ words: String) {
        #expect(problem(file(top: top)).contains(words), "\(problem(file(top: top)))")
    }

    @Test func `frontends and the group of builds are the server's to say`() throws {
        let configuration = try parse(
            file(top: "build: {frontends: [docker/dockerfile:1, corp:5000/x], cgroup_parent: slipway-builds.slice}"))
        #expect(configuration.build.frontends.images == ["docker/dockerfile:1", "corp:5000/x"])
        #expect(configuration.build.cgroupParent == "slipway-builds.slice")
        #expect(problem(file(build: "cgroup_parent: /builds")).contains("belongs to all builds"))
    }

    @Test func `a build argument names no frontend that the list does not have`() throws {
        let argument = "args: {BUILDKIT_SYNTAX: corp/x:1}"
        #expect(problem(file(build: argument)).contains("build.args.BUILDKIT_SYNTAX"))
        _ = try parse(file(top: "build: {frontends: [corp/x]}", build: argument))
        _ = try parse(file(build: "args: {BUILDKIT_SYNTAX: \"docker/dockerfile:1 --x\"}"))
    }

    @Test func `secrets of a build are secrets`() throws {
        let configuration = try parse(file(build: #"secrets: {NPM_TOKEN: "${NPM_TOKEN}", a.b-c: literal}"#))
        let secrets = configuration.apps[0].build.secrets
        #expect(secrets.map(\.name) == ["NPM_TOKEN", "a.b-c"])
        #expect(secrets.map(\.value.revealed) == ["npm-token-1", "literal"])
        #expect(configuration.secrets.contains(Secret("npm-token-1")))
        #expect(problem(file(build: "secrets: {\"a,src=/etc/shadow\": x}")).contains("names of build secrets"))
    }

    @Test func `ssh is an agent's, or a key's of this machine`() throws {
        #expect(try parse(file(build: "ssh: [default]")).apps[0].build.ssh == [SSHAccess(id: "default")])
        #expect(
            try parse(file(build: "ssh: {default: keys/deploy}")).apps[0].build.ssh
                == [SSHAccess(id: "default", path: "/etc/slipway/keys/deploy")])
        #expect(problem(file(build: "ssh: [\"a=/etc/shadow\"]")).contains("a name such as default"))
    }

    @Test func `a test's limits are sizes and numbers`() throws {
        let limits = try #require(
            try parse(file(test: "limits: {memory: 512m, processes: 100, cpus: 1.5}")).apps[0].test
        ).limits
        #expect(limits.memoryBytes == 512 << 20 && limits.processes == 100 && limits.cpus == 1.5)
        for wrong in ["memory: 512", "memory: 1m", "memory: 0g", "cpus: 0", "cpus: many", "processes: 1"] {
            #expect(problem(file(test: "limits: {\(wrong)}")).contains("apps.hello.test.limits."), "\(wrong)")
        }
    }
}

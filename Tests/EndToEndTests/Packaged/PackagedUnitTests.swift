import Foundation
import Testing

/// The whole main job as the packaged service runs it.
struct PackagedUnitTests {
    @Test func `each directive of the unit is done here, or is listed as what systemd alone does`() throws {
        let unit = try ServiceUnit()
        let known = ServiceUnit.covered.union(ServiceUnit.notCovered)
        #expect(Set(unit.directives.keys).subtracting(known) == [], "say in ServiceUnit whether it can be done here")
        #expect(known.subtracting(unit.directives.keys) == [], "the unit has it no longer")
        #expect(unit.listed == ServiceUnit.notCovered, "the unit's comment and ServiceUnit.notCovered differ")
    }

    /// A tree that is copied as it is: what the app cannot read, it cannot serve.
    private static let files = [
        "Dockerfile": "FROM slipway-examples/busybox\nCOPY . /app\nUSER 1000:1000\nCMD [\"/app/start\"]\n",
        "public/deeper/page": "a page behind a link\n",
    ]
    private static let programs = [
        "migrate": "#!/bin/sh\ncat /app/public/deeper/page\n",
        // The page is what the running app sees of its files.
        "start": """
        #!/bin/sh
        mkdir /tmp/site && cd /app
        { cat public/index; id -u; find . -exec stat -c '%a %u %Y %n' {} +; } >/tmp/site/index.html
        exec httpd -f -p "0.0.0.0:${PORT:-8080}" -h /tmp/site

        """,
    ]
    private static let modes = [
        "755 ./start", "755 ./migrate", "644 ./Dockerfile", "755 ./public", "755 ./public/deeper",
        "644 ./public/deeper/page", "777 ./public/index",
    ]

    @Test func `deploys a push as the unit's user, with its umask and without privileges`() async throws {
        let unit = try ServiceUnit()
        let host = try #require(ProcessInfo.processInfo.environment["DOCKER_HOST"], "run `make test`")
        let socket = try #require(host.wholeMatch(of: /unix:\/\/(.+)/), "an engine on this machine").output.1
        try await withFolder { folder in
            let (repository, url) = try await repository(in: folder)
            let apps = """
                hello:
                  repository: octocat/hello
                  clone_url: file://\(url)
                  test: {image: slipway-examples/busybox, run: "stat -c '%a %n' start && cat public/index"}
                  targets:
                    production:
                      heroku: packaged
                      when: {push: [main]}
                      migrate: {command: /app/migrate, run: release-phase}
                      health: {path: /, within: 9m}
                """
            let variables = ["HEROKU_API_KEY", "SLIPWAY_WEBHOOK_SECRET", "SLIPWAY_TOKEN", "SLIPWAY_DOCKER"]
            let script = try unit.script(socket: String(socket), variables: variables)
            let yard = try await Yard(
                herokuApps: ["packaged": [:]], folder: folder, apps: apps,
                in: Yard.Surroundings(
                    data: "/var/lib/\(unit.directives["StateDirectory"] ?? "")",
                    launcher: ["/usr/bin/env"] + (getuid() == 0 ? [] : ["sudo", "--preserve-env", "--"])
                        + ["unshare", "--mount", "sh", "-e", "-c", script, "sh"]))
            do {
                try await story(yard, repository)
            } catch {
                print(await yard.serverLog)
                await yard.close()
                throw error
            }
            await yard.close()
        }
    }

    /// With a clone that anybody may read and the service's user owns, where its mirror comes from.
    private func repository(in folder: URL) async throws -> (Repository, url: String) {
        let hello = Yard.source.appendingPathComponent("examples/hello")
        let repository = try await Repository(of: hello, named: "octocat/hello", in: folder)
        try FileManager.default.removeItem(at: repository.folder.appendingPathComponent("public"))
        for (path, text) in Self.files { try repository.write(text, to: path) }
        // The builder's cache does not look at times: a tree that it had before would keep those of that time.
        try repository.write(UUID().uuidString, to: "new-in-each-run")
        for (path, text) in Self.programs { try repository.write(text, to: path, executable: true) }
        try FileManager.default.createSymbolicLink(
            atPath: repository.folder.appendingPathComponent("public/index").path,
            withDestinationPath: "deeper/page")
        try await repository.commit("Copy everything")
        return (repository, repository.folder.path)
    }

    private func story(_ yard: Yard, _ repository: Repository) async throws {
        try await isAsTheUnitSays(yard)
        let job = try await yard.finish(try await yard.push(repository))
        try #require(job.state == "succeeded", "\(job.reason)\n\(job.log)")
        #expect(job.log.contains("755 start"))

        let time = try await repository.git("log", "-1", "--format=%ct")
        let page = try await yard.page(of: "packaged").split(separator: "\n").map(String.init)
        #expect(page.first == "a page behind a link", "\(page)")
        #expect(page.dropFirst().first != "0", "Heroku runs apps as another user than root")
        for mode in Self.modes {
            let parts = mode.split(separator: " ")
            let line = page.first { $0.hasSuffix(" \(parts[1])") } ?? ""
            #expect(line.hasPrefix("\(parts[0]) 0 "), "\(mode): \(page)")
            // The builder makes folders itself, when it copies into them.
            let isFolder = ["./public", "./public/deeper"].contains(parts[1])
            #expect(isFolder || line.contains(" \(time) "), "\(mode) at \(time): \(line)")
        }
        try await isInTheImage(yard, time)
    }

    private func isAsTheUnitSays(_ yard: Yard) async throws {
        let pid = try #require(await yard.serverLog.firstMatch(of: /server=(\d+)/)).output.1
        let process = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        func field(_ name: String) throws -> [String] {
            let line = try #require(process.split(separator: "\n").first { $0.hasPrefix(name + ":") })
            return line.dropFirst(name.count + 1).split(whereSeparator: \.isWhitespace).map(String.init)
        }
        #expect(try field("Uid").allSatisfy { $0 != "0" })
        #expect(try field("Gid").allSatisfy { $0 != "0" })
        #expect(try field("Groups").count == 1)
        #expect(try field("Umask") == ["0077"])
        #expect(try field("NoNewPrivs") == ["1"])
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            #expect(try field(set) == ["0000000000000000"], "\(set)")
        }
        // Where this machine allows fewer, that is all that a test can have.
        let wanted = try ServiceUnit().directives["LimitNOFILE"]
        #expect(try [wanted, Self.descriptors(of: "self")].contains(Self.descriptors(of: String(pid))))
    }

    /// The most that a process may open.
    private static func descriptors(of pid: String) throws -> String {
        let limits = try String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)
        return String(try #require(limits.firstMatch(of: /Max open files +\d+ +(\d+)/)).output.1)
    }

    /// The same in the image's own layers, whatever the engine shows a container.
    private func isInTheImage(_ yard: Yard, _ time: String) async throws {
        let status = try json(try await yard.ask("/status"))
        let apps = try #require(status["apps"] as? [[String: Any]])
        let live = try #require((apps.first?["targets"] as? [[String: Any]])?.first?["live"] as? [String: Any])
        let image = try #require(live["image"] as? String)
        let docker = ProcessInfo.processInfo.environment["SLIPWAY_DOCKER"] ?? "docker"
        let container = try await run(docker, ["create", image]).text()
        let list = try await run(
            "sh", ["-c", "\"$0\" export \"$1\" | TZ=UTC tar --list --verbose --numeric-owner", docker, container]
        ).text()
        _ = try await run(docker, ["rm", container]).text()
        let modes = [
            "app/start": "-rwxr-xr-x 0/0", "app/Dockerfile": "-rw-r--r-- 0/0", "app/public/": "drwxr-xr-x 0/0",
            "app/public/deeper/page": "-rw-r--r-- 0/0", "app/public/index -> deeper/page": "lrwxrwxrwx 0/0",
        ]
        for (entry, mode) in modes {
            let line = list.split(separator: "\n").first { $0.hasSuffix(" " + entry) }
            #expect(line?.hasPrefix(mode) == true, "\(entry): \(line ?? "")")
        }
    }
}

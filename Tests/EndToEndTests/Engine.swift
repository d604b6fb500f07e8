import Foundation
import TestSupport
import Testing

/// A Docker engine of one test's own, which can be killed and started again; the one that tests share must not.
actor Engine {
    /// As `DOCKER_HOST` names it.
    nonisolated let host: String
    private let folder: URL
    /// `scripts/with-parts`, which makes the engine's bridge and clears away after it.
    private let parts: BackgroundProgram
    /// As with-parts started it.
    private let command: [String]
    /// nil: not started again.
    private var restarted: BackgroundProgram?

    /// Starts one with the base image of busybox.
    init(in folder: URL) async throws {
        self.folder = folder
        parts = BackgroundProgram(
            Yard.source.appendingPathComponent("scripts/with-parts").path,
            ["sh", "-c", "scripts/base-images busybox && echo host=$DOCKER_HOST && exec sleep infinity"],
            in: Yard.source,
            environment: [
                "DOCKER_HOST": "unix:///nowhere/docker.sock",
                "XDG_CACHE_HOME": folder.appendingPathComponent("cache").path,
            ])
        host = String(try await parts.waitFor(/host=(unix:\S+)/).1)
        let arguments = try String(contentsOfFile: "/proc/\(Self.pid(of: host))/cmdline", encoding: .utf8)
        command = arguments.split(separator: "\0").map(String.init)
    }

    /// Ends it at once, as an upgrade that goes wrong or the kernel short of memory does.
    func kill() async throws {
        let pid = try Self.pid(of: host)
        _ = try await asRoot("kill", ["-KILL", pid]).text()
        try await waitUntil("the engine's end") { !FileManager.default.fileExists(atPath: "/proc/\(pid)") }
        await restarted?.end()
    }

    /// With what it had on its disk.
    func start() async throws {
        // Its containerd died with it. Where nobody reaps that (as in a container), dockerd would take it for alive.
        if let option = command.firstIndex(of: "--exec-root"), option + 1 < command.count {
            _ = try await asRoot("rm", ["-f", command[option + 1] + "/containerd/containerd.pid"]).text()
        }
        let sudo = getuid() == 0 ? [] : ["sudo", "--"]
        restarted = BackgroundProgram("/usr/bin/env", sudo + command, in: folder)
    }

    /// Whether another run of with-parts would pass over this engine's number, and so leave its bridge alone.
    func isNumberTaken() async throws -> Bool {
        let option = try #require(command.firstIndex(of: "--bridge"))
        let number = try #require(command[option + 1].wholeMatch(of: /slipway(\d+)/)).output.1
        return try await run("flock", ["--nonblock", "/tmp/slipway-engine-\(number).lock", "true"]).status != 0
    }

    func close() async {
        await parts.stop()
        await restarted?.end()
        // An engine that was killed leaves its containers' file systems mounted.
        let clear = """
            findmnt --raw --noheadings --output TARGET | { grep -F "$0/" || true; } | tac | xargs -r umount --lazy
            rm -rf --one-file-system -- "$0"
            """
        _ = try? await asRoot("sh", ["-c", clear, folder.appendingPathComponent("cache").path])
    }

    private static func pid(of host: String) throws -> String {
        let socket = URL(fileURLWithPath: String(host.trimmingPrefix("unix://")))
        let file = socket.deletingLastPathComponent().appendingPathComponent("dockerd.pid")
        return try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

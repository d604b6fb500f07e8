import Foundation
import Testing

/// A network, a file system and processes of one test's own: loopback with every port free, a copy of /etc, empty folders
/// for what programs write. So a configuration runs as it is written, and nothing of it is left on this machine.
final class Enclave: Sendable {
    private let programs: BackgroundProgram
    /// Of the first process in it, with whose end all others end.
    private let pid: String
    private static let sudo = getuid() == 0 ? [] : ["sudo", "--preserve-env", "--"]

    /// - Parameters:
    ///   - etc: a folder whose content is put into /etc.
    ///   - script: for `sh -e`: starts what is to run in there; its last command goes on, and with it everything ends.
    ///     /run is empty and writable.
    init(etc: URL, script: String) async throws {
        // It ends once nobody reads what it prints: a test that is killed leaves nothing running.
        let begin = """
            read -r pid rest </proc/self/stat
            mount -t proc proc /proc
            ip link set lo up
            mount -t tmpfs tmpfs /mnt
            cp -a /etc/. /mnt
            mount --bind /mnt /etc
            for folder in /run /var/log /var/lib/nginx; do mount -t tmpfs tmpfs $folder; done
            mkdir /var/log/nginx
            rm -f /etc/nginx/sites-enabled/* /etc/nginx/conf.d/*
            cp -R "$0/." /etc
            PATH=$PATH:/usr/sbin:/sbin HOME=/run
            echo "enclave=$pid"
            trap exit TERM
            (trap '' PIPE; while sleep 1 && echo; do :; done 2>/dev/null; kill 1) &

            """
        let command =
            Self.sudo + ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-e", "-c"]
            + [begin + script + " & wait $!", etc.path]
        programs = BackgroundProgram("/usr/bin/env", command, in: etc)
        pid = String(try await programs.waitFor(/enclave=(\d+)/).1)
    }

    /// A command line that runs what follows it in here.
    private var entry: [String] { Self.sudo + ["nsenter", "--target", pid, "--net", "--mount", "--"] }

    func run(_ program: String, _ arguments: [String]) async throws -> CommandResult {
        try await EndToEndTests.run("/usr/bin/env", entry + [program] + arguments)
    }

    func start(_ program: String, _ arguments: [String], in folder: URL) -> BackgroundProgram {
        BackgroundProgram("/usr/bin/env", entry + [program] + arguments, in: folder)
    }

    /// The first match in what the programs in here print, now or later.
    func waitFor<Match: Sendable>(_ pattern: sending Regex<Match>) async throws -> Match {
        try await programs.waitFor(pattern)
    }

    var isRunning: Bool {
        get async { await programs.isRunning }
    }

    var printed: String {
        get async { await programs.printed }
    }

    func close() async {
        _ = try? await asRoot("kill", ["-KILL", pid])
        await programs.end()
    }
}

import Foundation
import Testing

/// packaging/slipway.service, and how to start a program as it says without systemd.
struct ServiceUnit {
    /// `[Service]`, by name; of one that is given several times the last.
    let directives: [String: String]
    /// Those that its comment lists as done by systemd alone.
    let listed: Set<String>
    private let text: String

    /// What `script` does.
    static let covered: Set<String> = [
        "User", "SupplementaryGroups", "StateDirectory", "StateDirectoryMode", "RuntimeDirectory", "WorkingDirectory",
        "EnvironmentFile", "ExecStart", "LimitNOFILE", "NoNewPrivileges", "CapabilityBoundingSet",
        "AmbientCapabilities", "UMask",
    ]

    /// What systemd alone can do, or what is about the life of a service and not about what it may.
    static let notCovered: Set<String> = [
        "ExecReload", "Restart", "RestartSec", "RestartPreventExitStatus", "KillMode", "TimeoutStopSec",
        "OOMScoreAdjust", "PrivateTmp", "PrivateDevices", "ProtectSystem", "ProtectHome", "ProtectClock",
        "ProtectControlGroups", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules",
        "ProtectKernelTunables", "RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime",
        "RestrictSUIDSGID", "LockPersonality", "SystemCallArchitectures", "SystemCallFilter",
    ]

    init() throws {
        let file = Yard.source.appendingPathComponent("packaging/slipway.service")
        text = try String(contentsOf: file, encoding: .utf8)
        var section = ""
        var directives: [String: String] = [:]
        for line in text.split(separator: "\n") {
            if line.hasPrefix("[") { section = String(line) }
            guard section == "[Service]", let (_, name, value) = line.wholeMatch(of: /(\w+)=(.*)/)?.output else {
                continue
            }
            directives[String(name)] = String(value)
        }
        self.directives = directives
        let list = text.firstMatch(of: /# Not covered there[^\n]*:\n((?:#   [^\n]+\n)+)/)?.output.1 ?? ""
        listed = Set(list.matches(of: /\w+/).map { String($0.output) })
    }

    private func value(_ name: String) throws -> String {
        try #require(directives[name], "the unit has no \(name)")
    }

    /// `useradd …`, as its comment says.
    private func useradd() throws -> String {
        String(try #require(text.firstMatch(of: /(?m)^# +(useradd [^\n]+)$/), "how to make the user").output.1)
    }

    /// As setpriv writes a set that systemd gives as `CAP_A CAP_B`.
    private func capabilities(_ name: String) throws -> String {
        try value(name).split(separator: " ")
            .reduce("-all") { $0 + ",+" + $1.lowercased().trimmingPrefix("cap_") }
    }

    /// For `sh -e -c … NAME PROGRAM serve --config FILE`, as root in a mount namespace: makes the user, the folders and
    /// the files of the package in copies and empty folders of the namespace's own, then becomes what the unit starts. Where this machine
    /// allows fewer descriptors than the unit asks for, it takes those.
    ///
    /// - Parameters:
    ///   - socket: the engine's; the unit's group is the one that may use it.
    ///   - variables: those that go into the unit's `EnvironmentFile`; they are in the script's environment.
    func script(socket: String, variables: [String]) throws -> String {
        let (user, group) = (try value("User"), try value("SupplementaryGroups"))
        let state = "/var/lib/" + (try value("StateDirectory"))
        let runtime = "/run/" + (try value("RuntimeDirectory"))
        let start = try value("ExecStart").split(separator: " ").map(String.init)
        let (program, arguments) = (start[0], start.dropFirst().joined(separator: " "))
        let configuration = try #require(start.last)
        let variablesFile = try value("EnvironmentFile")
        let isBound = try value("NoNewPrivileges") == "yes" ? "--no-new-privs" : ""
        return """
            mount -t tmpfs -o mode=755 tmpfs /mnt
            mkdir -p /mnt/bin /mnt/local /mnt/share/Public
            touch /mnt/docker.sock && mount --bind '\(socket)' /mnt/docker.sock
            mount --bind "$SLIPWAY_SHARE/Public" /mnt/share/Public

            cp -a /etc /mnt/etc && mount --bind /mnt/etc /etc
            for folder in /run /var/lib /var/log; do mount -t tmpfs -o mode=755 tmpfs $folder; done
            touch /run/docker.sock && mount --bind /mnt/docker.sock /run/docker.sock
            groupadd --force '\(group)' && groupmod --non-unique --gid "$(stat -c %g /run/docker.sock)" '\(group)'
            id '\(user)' >/dev/null 2>&1 || \(try useradd())
            install -d -m '\(try value("StateDirectoryMode"))' -o '\(user)' -g '\(user)' '\(state)'
            install -d -m 755 -o '\(user)' -g '\(user)' '\(runtime)'

            mount --bind /usr/local/bin /mnt/local
            for file in /mnt/local/*; do ln -s "$file" /mnt/bin; done
            rm -f '/mnt/bin/\(program.split(separator: "/").last ?? "")'
            mount --bind /mnt/bin /usr/local/bin
            touch '\(program)' && mount --bind "$1" '\(program)'

            install -D -m 644 "$4" '\(configuration)'
            (umask 077 && env | grep -E '^(\(variables.joined(separator: "|")))=' >'\(variablesFile)')
            echo "SLIPWAY_SHARE=/mnt/share" >>'\(variablesFile)'
            echo "server=$$"
            cd '\(try value("WorkingDirectory"))'
            ulimit -n \(try value("LimitNOFILE")) || ulimit -n "$(ulimit -H -n)"
            umask \(try value("UMask"))
            exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME='\(state)' \\
                USER='\(user)' LOGNAME='\(user)' $(cat '\(variablesFile)') \\
                setpriv --reuid '\(user)' --regid '\(user)' --groups '\(group)' \(isBound) \\
                --inh-caps \(try capabilities("AmbientCapabilities")) \\
                --ambient-caps \(try capabilities("AmbientCapabilities")) \\
                --bounding-set \(try capabilities("CapabilityBoundingSet")) -- \\
                '\(program)' \(arguments)
            """
    }
}

import SlipwayBase

/// What a failed Docker command means, and what to do about it.
package enum DockerRefusal {
    /// - Parameters:
    ///   - what: what was being done: `push to …`.
    ///   - access: nil for a command that asks no registry.
    static func sentence(_ what: String, _ result: CommandResult, _ access: RegistryAccess? = nil) -> String {
        let verdict = verdict(result)
        if let status = statusOfCommand(verdict) {
            // What it printed is a stranger's, and goes into the step's detail.
            let isFull = lastWordsOfBuild(lines(result))?.lowercased().contains(full) == true
            return
                "\(what) failed: a command of the Dockerfile ended with exit status \(status)\(isFull ? hint(full) : "")"
        }
        let advice = registryAdvice(verdict, lines(result), access) ?? hint(verdict)
        return "\(what) failed (\(result.exit)): \(withoutQuotes(verdict).singleLine(limit: 300))\(advice)"
    }

    private static let full = "no space left on device"

    static func ofBuild(_ result: CommandResult, _ builder: DockerBuilder, _ access: RegistryAccess) -> String {
        let missingGit = missesGit(lines(result)) ? "; \(adviceOnGit)" : ""
        let verdict = verdict(result)
        let limits = statusOfCommand(verdict) == nil ? hint(verdict, builder) : ""
        return sentence("docker build", result, access) + limits + missingGit
    }

    /// Whether the same command may succeed a moment later.
    package static func isTransient(_ result: CommandResult) -> Bool {
        let said = verdict(result).lowercased()
        let final = [
            "unsupported", "405 method", "unauthorized", "denied", "authentication required",
            "cannot connect to the docker daemon", "no such image", "does not exist", "401", "403",
            "no basic auth credentials",
        ]
        return !final.contains(where: said.contains)
    }

    /// Whether a step failed because the engine has stopped, or stopped meanwhile.
    static func saysEngineIsGone(_ reason: String) -> Bool {
        let said = reason.lowercased()
        return [
            "cannot connect to the docker daemon", "error during connect", "unexpected eof", "transport is closing",
            "error reading from server: eof", "docker.sock",
            // A CLI before 23 takes the end of the connection for the end of a build with BuildKit.
            "server did not provide an image id",
        ].contains(where: said.contains)
    }

    /// Whether BuildKit gave up waiting for itself, as it does after 15 s on a machine that is too busy.
    static func saysEngineIsOverloaded(_ reason: String) -> Bool {
        reason.lowercased().contains("flightcontrol: exceeded retry timeout")
    }

    // MARK: - What was said

    private static func lines(_ result: CommandResult) -> [Substring] {
        result.lastWords.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
    }

    /// The CLI's last line but its advice. Only that is judged: before it stands what programs of the repository print.
    private static func verdict(_ result: CommandResult) -> String {
        let advice = ["See 'docker", "Run 'docker", "View build details", "What's next"]
        let last = lines(result).last { line in !advice.contains { line.hasPrefix($0) } }
        // A CLI that was killed ends amid what a command of the Dockerfile prints.
        guard case .code = result.exit, let last, last.prefixMatch(of: /#\d+ (?!ERROR)/) == nil else {
            return "\(result.exit)"
        }
        return String(last)
    }

    /// The exit status of a `RUN` that ended the build, from the engine's word on it, which names the command.
    private static func statusOfCommand(_ verdict: String) -> Int? {
        let engines = [
            // A command of several lines began in a line before.
            /.*' returned a non-zero code: (\d+)/, /.*\]: exit code: (\d+)/,
            /.*" did not complete successfully: exit code: (\d+)/,
        ]
        return engines.lazy.compactMap { verdict.wholeMatch(of: $0).flatMap { Int($0.output.1) } }.first
    }

    /// The last line of the command that failed; nil when none did, or it said nothing.
    private static func lastWordsOfBuild(_ lines: [Substring]) -> String? {
        // BuildKit: `#9 0.651 no such file`, then `#9 ERROR: executor failed running …`.
        if let error = lines.last(where: { $0.wholeMatch(of: /#\d+ ERROR: .*/) != nil }),
            let step = error.split(separator: " ").first
        {
            let output = lines.compactMap { $0.wholeMatch(of: /(#\d+) \d+\.\d+ (.*\S.*)/)?.output }
            return output.last { $0.1 == step }.map { String($0.2) }
        }
        // The first builder: the output as it is, then `The command '…' returned a non-zero code: 2`.
        guard let end = lines.lastIndex(where: { $0.hasPrefix("The command '") && $0.contains("non-zero code") })
        else { return nil }
        let builders = ["Step ", " ---> ", "Removing intermediate container "]
        let words = lines[..<end].last { line in !line.hasPrefix("Removing intermediate container ") }
        return words.flatMap { line in builders.contains { line.hasPrefix($0) } ? nil : String(line) }
    }

    private static func hint(_ words: String) -> String {
        let said = words.lowercased()
        if said.contains("cannot connect to the docker daemon")
            || said.contains("permission denied while trying to connect")
        {
            return "; start the Docker engine, or let this user use it (DOCKER_HOST says where it is)"
        }
        if said.contains("no space left on device") {
            return "; free some disk, `docker system prune` removes old images"
        }
        if said.contains("no such host") && said.contains("/v2/") || said.contains("manifest unknown")
            || said.contains("failed to resolve source metadata")
        {
            return "; the engine cannot pull that image: check its name, or pull it there by hand"
        }
        if said.contains("unknown flag: --provenance") { return "; the docker buildx plugin is too old, update it" }
        return ""
    }

    /// What a Dockerfile has that the builder cannot read, where that was not seen before.
    private static func hint(_ words: String, _ builder: DockerBuilder) -> String {
        let said = words.lowercased()
        if said.contains("requires buildkit") { return "; \(builder.wayToMore)" }
        if said.contains("unknown flag: ") && said.contains("dockerfile") || said.contains("unknown instruction: ") {
            return "; if it is not a typing error, \(builder.wayToMore)"
        }
        if let secret = words.firstMatch(of: /secret ([A-Za-z0-9_.-]+)(?:: |\s)not found/)?.output.1 {
            return "; give `\(secret)` a value in the app's build.secrets, in the server's file"
        }
        if said.contains("unset ssh forward key") || said.contains("no ssh key") {
            return "; set the app's build.ssh in the server's file"
        }
        return ""
    }

    // MARK: - Registries

    private static func registryAdvice(_ verdict: String, _ lines: [Substring], _ access: RegistryAccess?) -> String? {
        guard let access else { return nil }
        let said = verdict.lowercased()
        func says(_ words: String...) -> Bool { words.contains(where: said.contains) }
        if says("toomanyrequests", "rate limit", "429 too many") {
            return access.advice(limitedBy: host(verdict, lines))
        }
        if says(
            "unauthorized", "authentication required", "no basic auth credentials", "access to the resource is denied",
            "pull access denied", "insufficient_scope", "authorization failed", "403 forbidden", "failed to authorize",
            "incorrect username or password")
        {
            return access.advice(refusedBy: host(verdict, lines))
        }
        if says("unexpected http status: 5") { return access.adviceOfFailing }
        if case .platform(let advice) = access, says("unsupported", "405 method not allowed") {
            return "; \(advice.form)"
        }
        guard hint(verdict).isEmpty,
            says("/v2/", "connection refused", "connection reset", "no such host", "i/o timeout")
        else { return nil }
        return access.advice(unreachable: host(verdict, lines))
    }

    /// The registry that was asked, from the verdict or from what the builder said that it was about to get.
    private static func host(_ verdict: String, _ lines: [Substring]) -> String? {
        if let match = verdict.firstMatch(of: /pulling from host (\S+) failed|https?:\/\/([^\/"\s]+)\/v2\//)?.output,
            let host = match.1 ?? match.2
        {
            return String(host)
        }
        let inVerdict =
            /pull access denied for ([^\s,]+)|invalid from flag value (\S+?):\s|source metadata for (\S+?):\s/
        if let match = verdict.firstMatch(of: inVerdict)?.output, let image = match.1 ?? match.2 ?? match.3 {
            return RegistryAccess.host(of: image)
        }
        let before =
            /(?: > |#\d+ )(?:\[internal\] load metadata for|FROM|resolve image config for) (\S+?):?|Step \d+\/\d+ : FROM (?:--\S+ )?(\S+).*|Step .* --from=(\S+).*/
        for line in lines.reversed() {
            if let match = line.wholeMatch(of: before)?.output, let image = match.1 ?? match.2 ?? match.3 {
                return RegistryAccess.host(of: image)
            }
        }
        return nil
    }
}

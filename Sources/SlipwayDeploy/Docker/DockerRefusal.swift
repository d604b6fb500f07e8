import SlipwayBase

/// What a failed Docker command means, and what to do about it.
enum DockerRefusal {
    /// - Parameter what: what was being done: `build`, `push to …`.
    static func sentence(_ what: String, _ result: CommandResult) -> String {
        let said = result.lastWords
        let line = said.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
        let reason = (line.map(String.init) ?? "\(result.exit)").singleLine(limit: 300)
        return "\(what) failed (\(result.exit)): \(reason)\(hint(said))"
    }

    /// Whether the same command may succeed a moment later.
    static func isTransient(_ result: CommandResult) -> Bool {
        let said = result.lastWords.lowercased()
        let final = [
            "unsupported", "405 method", "unauthorized", "denied", "authentication required",
            "cannot connect to the docker daemon", "no such image", "does not exist", "401", "403",
        ]
        return !final.contains(where: said.contains)
    }

    private static func hint(_ said: String) -> String {
        let said = said.lowercased()
        if said.contains("cannot connect to the docker daemon")
            || said.contains("permission denied while trying to connect")
        {
            return "; start the Docker engine, or let this user use it (DOCKER_HOST says where it is)"
        }
        if said.contains("unsupported") || said.contains("405 method not allowed") {
            return "; the image is an OCI image or an index, Heroku takes Docker schema 2 only:"
                + " turn the engine's containerd image store off"
        }
        if said.contains("unauthorized") || said.contains("authentication required") || said.contains("denied") {
            return "; check heroku.api_key, and that its account may deploy this app"
        }
        if said.contains("no space left on device") {
            return "; free some disk, `docker system prune` removes old images"
        }
        if said.contains("unknown flag: --provenance") { return "; the docker buildx plugin is too old, update it" }
        return ""
    }
}

extension Docker {
    /// - Parameter label: `name=value`, by which `removeAll` finds it.
    func create(_ container: ContainerSpec, label: String) async throws {
        try await run(container.arguments(label: label), environment: container.clientEnvironment)
    }

    func start(_ name: String) async throws {
        try await run(["start", name])
    }

    /// Hands on what a container prints until it has ended.
    /// - Returns: its exit status.
    func follow(_ name: String, _ take: @Sendable ([UInt8]) async throws -> Void) async throws -> Int {
        _ = try await stream(["logs", "--follow", name], take)
        // The status is printed on standard output.
        return Int(try await run(["wait", name])) ?? -1
    }

    /// SIGTERM, and SIGKILL after the grace.
    func stop(_ name: String, grace: Duration) async {
        await attempt(["stop", "--time", String(max(0, grace.components.seconds)), name])
    }

    func kill(_ name: String, signal: String) async {
        await attempt(["kill", "--signal", signal, name])
    }

    func remove(_ name: String) async {
        await attempt(["rm", "--force", "--volumes", name])
    }

    /// Removes every container with the label, running or not.
    func removeAll(label: String) async {
        // The engine may still be making one whose maker has just been ended, so a look follows each removal.
        for _ in 0..<5 {
            let list = (try? await run(["ps", "--all", "--quiet", "--filter", "label=" + label])) ?? ""
            guard !list.isEmpty else { return }
            await attempt(["rm", "--force", "--volumes"] + list.split(separator: "\n").map(String.init))
        }
    }

    func pull(_ image: String) async throws {
        try await run(["pull", "--quiet", image])
    }
}

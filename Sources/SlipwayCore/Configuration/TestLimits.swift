/// What a test container may take: code of a repository must not be able to starve the machine that deploys.
package struct TestLimits: Sendable, Hashable {
    package var cpus = 2.0
    package var memoryBytes: Int64 = 4 << 30
    /// Threads count.
    package var processes = 2048

    package init() {}

    /// Never more than the engine's machine has: of its memory an eighth is left to the rest.
    package func bounded(cores: Int, memoryBytes: Int64) -> TestLimits {
        var limits = self
        limits.cpus = min(cpus, Double(cores))
        limits.memoryBytes = min(self.memoryBytes, memoryBytes / 8 * 7)
        return limits
    }
}

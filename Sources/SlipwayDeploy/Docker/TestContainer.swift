package import SlipwayCore

/// The container that a test script runs in.
package struct TestContainer: Sendable {
    package var name: String
    package var image: String
    package var script: String
    package var labels: [(name: String, value: String)]
    /// Lines of `NAME=value`; a file, because an argument list can be read by every user of the machine.
    package var environmentFile: String
    /// Values of several lines, which that file cannot hold.
    package var longEnvironment: [(name: String, value: String)] = []
    package var limits = TestLimits()
    /// The control group whose limits it shares with builds; nil: the engine's default.
    package var cgroupParent: String?

    package init(
        name: String, image: String, script: String, labels: [(name: String, value: String)], environmentFile: String
    ) {
        self.name = name
        self.image = image
        self.script = script
        self.labels = labels
        self.environmentFile = environmentFile
    }

    /// Where the sources are.
    package static let folder = "/slipway"

    /// What package managers need to unpack files of several owners (`tar`, `apt`, `npm`) and to step down from root
    /// (`apt`, `su`, `gosu`), and what a script needs to end a server it started; nothing that reaches the host.
    package static let capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"]
}

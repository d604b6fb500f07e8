/// What holds for the builds of all apps. It is the server's to say, never a repository's.
package struct BuildSettings: Sendable {
    package var frontends = Frontends.default
    /// The control group beneath which builds run, in the spelling of the engine's cgroup driver: `name.slice` or
    /// `/name`. nil: the engine's own.
    package var cgroupParent: String?

    package init() {}
}

/// How awkward the sandbox is: times of a real platform, and answers to what nobody has verified about Heroku
/// (docs/heroku.md, "not verified"). Changes count at once, also for what is waiting.
package struct Behaviour: Sendable {
    // Times

    /// A release phase's output answers 404 for so long (T4).
    package var outputOpensAfter: Duration = .seconds(1)
    /// A release stays pending for so long after its output has ended (T3).
    package var pendingAfterOutput: Duration = .milliseconds(500)
    package var releasePhaseTimeout: Duration = .seconds(3600)
    /// A web dyno must answer on its port within it (R10).
    package var bootTimeout: Duration = .seconds(60)
    /// A client must attach within it (R13).
    package var attachTimeout: Duration = .seconds(30)
    /// An attached connection without a byte ends after it.
    package var attachIdleTimeout: Duration = .seconds(3600)
    /// From SIGTERM to SIGKILL (R12), in whole seconds.
    package var stopGrace: Duration = .seconds(30)
    /// With preboot the old dynos serve for so long after the new ones are up.
    package var prebootTime: Duration = .seconds(180)
    package var logSessionLifetime: Duration = .seconds(360)

    // Counts

    /// POST dynos answers 409 so often after each release (3.1).
    package var dynoConflicts = 1
    /// Web dynos of a new app's first release (T13).
    package var newAppWebQuantity = 1
    /// So many coming releases stay pending for ever.
    package var stuckReleases = 0
    /// An output stream's connection is cut after so many bytes; 0: never.
    package var outputCutBytes = 0
    /// Status of a PATCH with an image that the registry does not have: 404 or 422.
    package var unknownImageStatus = 404

    // Flags

    /// A release phase past its time is `expired`, else `failed`.
    package var timedOutReleaseExpires = true
    /// A one-off of a type without an image runs the web image, else 422.
    package var oneOffFallsBackToWeb = true
    /// `USER` is ignored and some other user without rights takes its place (1.4).
    package var ignoresImageUser = true
    /// Updates may carry `command`.
    package var acceptsCommandOverride = true
    /// A config change runs the release phase again.
    package var configRunsReleasePhase = true
    package var rollbackRestoresImages = true
    package var rollbackRunsReleasePhase = true
    /// An image's `ENTRYPOINT` gets a one-off's command as words, else as one argument (1.4).
    package var entrypointGetsWords = true
    /// A type whose image was taken away stays in the formation.
    package var removedTypesStay = false
    /// A one-off that has ended is still found by GET, as `down`.
    package var keepsEndedOneOffs = false
    /// An image release needs an app on the container stack (T9).
    package var requiresContainerStack = true
    /// Without preboot no web dyno answers while the new ones start (T14).
    package var stopsRoutingWhileStarting = false

    package init() {}

    /// No waiting that is not needed, for tests of other things.
    package static var prompt: Behaviour {
        var behaviour = Behaviour()
        behaviour.outputOpensAfter = .zero
        behaviour.pendingAfterOutput = .zero
        behaviour.stopGrace = .seconds(1)
        behaviour.prebootTime = .milliseconds(200)
        behaviour.dynoConflicts = 0
        return behaviour
    }
}

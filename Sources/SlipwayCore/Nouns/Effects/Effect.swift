/// Something a job does to the world, written down before it is done and again after: what a restart asks about.
///
/// Each case has an intent, which is what asking the world needs, and how far it came. A case's constructor is a function
/// of both, so that one helper writes down any of them.
package enum Effect: Sendable, Hashable {
    case test(TestRun, Progress<TestExit>)
    case build(BuildRun, Progress<BuiltImageID>)
    case push(ImagePush, Progress<RegistryImage>)
    case release(ReleaseChange, Progress<ReleaseOutcome>)
    case restart(Restart, Progress<PlatformRelease>)
    case scale(ScaleChange, Progress<Nothing>)
    case remove(ImageRemoval, Progress<Nothing>)
    case runOneOff(OneOffRun, Progress<OneOffEnd>)
    /// From here on the one-off's command may run. It is a note, done as soon as it is written.
    case followOneOff(OneOffFollow, Progress<Nothing>)

    package enum Progress<Outcome: Sendable & Hashable>: Sendable, Hashable {
        /// Nobody wrote down how it ended: it may have been done or not.
        case begun
        case done(Outcome)
        /// It has surely changed nothing, or what it began is surely gone.
        case notDone(reason: String)

        package var outcome: Outcome? {
            if case .done(let outcome) = self { outcome } else { nil }
        }
    }

    /// Raw values are what the journal keeps, what `GET /jobs/{id}?journal=1` says, and what the crash test calls its points.
    package enum Kind: String, Sendable, CaseIterable, Codable {
        case test, build, push, release, restart, scale, remove
        case runOneOff = "run-one-off"
        case followOneOff = "follow-one-off"
    }

    /// Raw values are what the journal keeps and what `GET /jobs/{id}?journal=1` says.
    package enum State: String, Sendable, CaseIterable, Codable {
        case begun, done
        case notDone = "not-done"
    }
}

/// The outcome of an effect of which there is nothing to say but that it was made.
package struct Nothing: Sendable, Hashable, Codable {
    package init() {}
}

/// For looking through a journal for one kind of effect: nil where it is another.
extension Effect {
    package var test: (TestRun, Progress<TestExit>)? {
        if case .test(let intent, let progress) = self { (intent, progress) } else { nil }
    }

    package var build: (BuildRun, Progress<BuiltImageID>)? {
        if case .build(let intent, let progress) = self { (intent, progress) } else { nil }
    }

    package var push: (ImagePush, Progress<RegistryImage>)? {
        if case .push(let intent, let progress) = self { (intent, progress) } else { nil }
    }

    package var release: (ReleaseChange, Progress<ReleaseOutcome>)? {
        if case .release(let intent, let progress) = self { (intent, progress) } else { nil }
    }

    package var restart: (Restart, Progress<PlatformRelease>)? {
        if case .restart(let intent, let progress) = self { (intent, progress) } else { nil }
    }

    package var runOneOff: (OneOffRun, Progress<OneOffEnd>)? {
        if case .runOneOff(let intent, let progress) = self { (intent, progress) } else { nil }
    }

    package var followOneOff: (OneOffFollow, Progress<Nothing>)? {
        if case .followOneOff(let intent, let progress) = self { (intent, progress) } else { nil }
    }
}

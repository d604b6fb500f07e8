/// As it is kept and shown: `kind`, `state`, `intent` and `outcome`, which is null until it is done; of one that was not
/// done it is `{"reason": …}`.
extension Effect: Codable {
    private typealias Payload = Codable & Hashable & Sendable

    private enum CodingKeys: String, CodingKey {
        case kind, state, intent, outcome
    }

    private struct Reason: Codable, Hashable {
        var reason: String
    }

    package var kind: Kind {
        switch self {
        case .test: .test
        case .build: .build
        case .push: .push
        case .release: .release
        case .restart: .restart
        case .scale: .scale
        case .remove: .remove
        case .runOneOff: .runOneOff
        case .followOneOff: .followOneOff
        }
    }

    package var state: State { parts.state }

    package var intent: any Encodable & Sendable { parts.intent }

    /// What it led to, or why it was not done.
    package var outcome: (any Encodable & Sendable)? { parts.outcome }

    private var parts: (intent: any Payload, state: State, outcome: (any Payload)?) {
        func parts<Intent: Payload, Outcome: Payload>(_ intent: Intent, _ progress: Progress<Outcome>) -> (
            any Payload, State, (any Payload)?
        ) {
            switch progress {
            case .begun: (intent, .begun, nil)
            case .done(let outcome): (intent, .done, outcome)
            case .notDone(let reason): (intent, .notDone, Reason(reason: reason))
            }
        }
        return switch self {
        case .test(let intent, let progress): parts(intent, progress)
        case .build(let intent, let progress): parts(intent, progress)
        case .push(let intent, let progress): parts(intent, progress)
        case .release(let intent, let progress): parts(intent, progress)
        case .restart(let intent, let progress): parts(intent, progress)
        case .scale(let intent, let progress): parts(intent, progress)
        case .remove(let intent, let progress): parts(intent, progress)
        case .runOneOff(let intent, let progress): parts(intent, progress)
        case .followOneOff(let intent, let progress): parts(intent, progress)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        let parts = parts
        try fields.encode(kind, forKey: .kind)
        try fields.encode(parts.state, forKey: .state)
        try fields.encode(parts.intent, forKey: .intent)
        if let outcome = parts.outcome {
            try fields.encode(outcome, forKey: .outcome)
        } else {
            try fields.encodeNil(forKey: .outcome)
        }
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func read<Intent: Payload, Outcome: Payload>(
            _ effect: (Intent, Progress<Outcome>) -> Effect
        ) throws -> Effect {
            let intent = try fields.decode(Intent.self, forKey: .intent)
            return switch try fields.decode(State.self, forKey: .state) {
            case .begun: effect(intent, .begun)
            case .done: effect(intent, .done(try fields.decode(Outcome.self, forKey: .outcome)))
            case .notDone:
                effect(intent, .notDone(reason: try fields.decode(Reason.self, forKey: .outcome).reason))
            }
        }
        self =
            switch try fields.decode(Kind.self, forKey: .kind) {
            case .test: try read(Effect.test)
            case .build: try read(Effect.build)
            case .push: try read(Effect.push)
            case .release: try read(Effect.release)
            case .restart: try read(Effect.restart)
            case .scale: try read(Effect.scale)
            case .remove: try read(Effect.remove)
            case .runOneOff: try read(Effect.runOneOff)
            case .followOneOff: try read(Effect.followOneOff)
            }
    }
}

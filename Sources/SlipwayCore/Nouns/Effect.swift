package typealias EffectID = Int64

/// Something a job does to the world, written down before it is done and again after: what a restart asks about.
package struct Effect: Sendable, Identifiable {
    package var id: EffectID
    package var step: Step.Name
    package var kind: Kind
    /// What marks it in the world: a container's name, a repository, a part of a command.
    package var nonce: String
    /// What was to be done, as far as asking for it needs.
    package var intent: String
    /// What the world answered; nil: it was begun, and nobody wrote down how it ended.
    package var outcome: String?

    package init(
        id: EffectID, step: Step.Name, kind: Kind, nonce: String, intent: String, outcome: String? = nil
    ) {
        self.id = id
        self.step = step
        self.kind = kind
        self.nonce = nonce
        self.intent = intent
        self.outcome = outcome
    }

    /// A verb and its object; raw values are what the journal keeps.
    package enum Kind: String, Sendable, CaseIterable {
        case runContainer = "run container"
        case buildImage = "build image"
        case pushImage = "push image"
        case releaseFormation = "release formation"
        case restartDynos = "restart dynos"
        case scaleFormation = "scale formation"
        case runDyno = "run dyno"
        /// From here on the command of an attached dyno may run; the intent is the dyno's name.
        case followDyno = "follow dyno"
    }
}

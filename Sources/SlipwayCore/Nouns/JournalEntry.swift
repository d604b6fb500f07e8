package import SlipwayBase

package typealias EffectID = Int64

/// An effect as a job's journal has it.
package struct JournalEntry: Sendable, Identifiable {
    package var id: EffectID
    package var step: Step.Name
    package var effect: Effect
    package var begunAt: Timestamp
    /// nil: nobody wrote down how it ended.
    package var endedAt: Timestamp?

    package init(id: EffectID, step: Step.Name, effect: Effect, begunAt: Timestamp, endedAt: Timestamp? = nil) {
        self.id = id
        self.step = step
        self.effect = effect
        self.begunAt = begunAt
        self.endedAt = endedAt
    }
}

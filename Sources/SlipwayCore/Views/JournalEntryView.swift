import SlipwayBase

/// An effect of a job as JSON shows it: what the journal keeps, with the field names of docs/api.md.
package struct JournalEntryView: Encodable, Sendable {
    private let entry: JournalEntry

    package init(_ entry: JournalEntry) {
        self.entry = entry
    }

    private enum Key: String, CodingKey {
        case step
        case begunAt = "begun_at"
        case endedAt = "ended_at"
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(entry.step.rawValue, forKey: .step)
        try fields.encode(entry.begunAt, forKey: .begunAt)
        try fields.encode(entry.endedAt, forKey: .endedAt)
        // `kind`, `state`, `intent` and `outcome` beside them.
        try entry.effect.encode(to: encoder)
    }
}

import SlipwayBase

/// `{"by": "ops", "since": "2026-11-22T19:00:00.000Z", "rollback": null}`; `rollback` is the job after which a target
/// is paused.
package struct PauseView: Encodable, Sendable {
    private let pause: Pause

    package init(_ pause: Pause) {
        self.pause = pause
    }

    private enum CodingKeys: CodingKey { case by, since, rollback }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(pause.by, forKey: .by)
        try fields.encode(pause.since, forKey: .since)
        try fields.encode(pause.rollback, forKey: .rollback)
    }
}

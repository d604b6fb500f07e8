import SlipwayBase
import SlipwayCore
import Testing

struct EffectRedactionTests {
    private let redactor = Redactor(secrets: [Secret("a-secret-of-the-file")])
    private let run = OneOffRun(
        place: Place(platform: "heroku", name: "my-app"), marker: "cafe", way: .attached,
        command: "migrate postgres://me:hunter2hunter2@db/x --with a-secret-of-the-file")

    @Test func `a one-off shows no secret of its command or its end`() {
        let ends: [Effect.Progress<OneOffEnd>] = [
            .begun, .done(.exited(code: 1, instance: "run.1")),
            .done(.unknown(reason: "lost a-secret-of-the-file", instance: "run.1")),
            .notDone(reason: "refused a-secret-of-the-file"),
        ]
        for end in ends {
            let shown = "\(Effect.runOneOff(run, end).redacted(by: redactor))"
            #expect(shown.contains("[REDACTED]"))
            #expect(!shown.contains("a-secret-of-the-file") && !shown.contains("hunter2hunter2"), "\(shown)")
        }
    }
}

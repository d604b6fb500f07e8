import SlipwayCore
import Testing

@testable import slipway

/// How `check` asks and what it makes of the answers.
@Suite struct QuestionTests {
    @Test func `what nothing answers is an error that names it`() async {
        let question = Question("docker") {
            try? await Task.sleep(for: .seconds(3600))
            return []
        }
        let findings = await question.answer(within: .milliseconds(1))
        #expect(findings.map(\.level) == [.error])
        #expect(findings[0].text.hasPrefix("docker: no answer within"))
    }

    @Test func `all are asked at once and shown in their order`() async {
        let (answered, answer) = AsyncStream.makeStream(of: Void.self)
        let questions = [
            // It has its answer only once the second one is asked.
            Question("first") {
                for await _ in answered { break }
                return [.ok("first")]
            },
            Question("second") {
                answer.yield()
                return [.warning("second")]
            },
        ]
        var shown: [String] = []
        await Question.answers(to: questions) { shown += $0.map(\.line) }
        #expect(shown == ["ok       first", "warning  second"])
    }
}

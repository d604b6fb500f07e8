import SlipwayCore

/// One question of `slipway check`. All are asked side by side, so that the whole takes as long as the slowest.
struct Question: Sendable {
    /// For one answer: somebody is waiting at a terminal.
    static let deadline: Duration = .seconds(5)

    /// What it is about, where nothing answers: `docker`.
    let subject: String
    /// Ends early when its task is cancelled.
    let ask: @Sendable () async -> [Finding]

    init(_ subject: String, _ ask: @escaping @Sendable () async -> [Finding]) {
        self.subject = subject
        self.ask = ask
    }

    func answer(within deadline: Duration = Question.deadline) async -> [Finding] {
        await withTaskGroup(of: [Finding]?.self) { group in
            group.addTask { await ask() }
            group.addTask {
                // Cancelled when the answer was quicker.
                try? await Task.sleep(for: deadline)
                return nil
            }
            defer { group.cancelAll() }
            if let findings = await group.next() ?? nil { return findings }
            let seconds = deadline.components.seconds
            return [.error("\(subject): no answer within \(seconds) s; see why it is slow, then check again")]
        }
    }

    /// - Parameter show: gets each answer in the order of the questions, as soon as it and those before it are there.
    /// - Throws: what `show` throws; then nothing more is asked.
    static func answers<Failure: Error>(
        to questions: [Question], show: ([Finding]) throws(Failure) -> Void
    ) async throws(Failure) {
        let failure = await withTaskGroup(of: (Int, [Finding]).self, returning: Failure?.self) { group in
            for (index, question) in questions.enumerated() {
                group.addTask { (index, await question.answer()) }
            }
            defer { group.cancelAll() }
            var waiting: [Int: [Finding]] = [:]
            var next = 0
            for await (index, findings) in group {
                waiting[index] = findings
                while let findings = waiting.removeValue(forKey: next) {
                    do throws(Failure) {
                        try show(findings)
                    } catch {
                        return error
                    }
                    next += 1
                }
            }
            return nil
        }
        if let failure { throw failure }
    }
}

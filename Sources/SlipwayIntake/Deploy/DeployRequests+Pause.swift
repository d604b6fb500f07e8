import SlipwayBase
import SlipwayCore
import SlipwayHTTP

extension DeployRequests {
    /// `POST /pause`, `/resume`: of the whole queue.
    func hold(_ request: HTTPRequest, _ change: HoldOutcome.Change) async throws -> HTTPResponse {
        let caller = try await authorize(request, .deploy)
        let isNew = try await answered {
            change == .pause ? try await queue.pause(by: caller.name ?? "someone") : try await queue.resume()
        }
        let holds = try await answered { try await history.holds() }
        return try answer(HoldOutcome(change, of: nil, isNew: isNew), holds, caller) { message in
            PauseAnswer(message: message, paused: holds.queue.map(PauseView.init))
        }
    }

    private struct PauseAnswer: Encodable {
        var message: String
        var paused: PauseView?

        private enum CodingKeys: CodingKey { case message, paused }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(message, forKey: .message)
            try fields.encode(paused, forKey: .paused)
        }
    }
}

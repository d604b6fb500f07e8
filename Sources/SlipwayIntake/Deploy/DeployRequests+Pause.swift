import SlipwayBase
import SlipwayCore
import SlipwayHTTP

extension DeployRequests {
    /// `POST /pause`, `/resume`: of the whole queue.
    func hold(_ request: HTTPRequest, isPaused: Bool) async throws -> HTTPResponse {
        let caller = try await authorize(request, .deploy)
        let pause: Pause? = try await answered {
            if isPaused { return try await queue.pause(by: caller.name ?? "someone") }
            try await queue.resume()
            return nil
        }
        tell("the queue: \(isPaused ? "pause" : "resume") by \(caller.name ?? "someone")")
        if caller.isBrowser { return .redirect(to: "/") }
        return try .json(encoding: PauseAnswer(paused: pause.map(PauseView.init)))
    }

    private struct PauseAnswer: Encodable {
        var paused: PauseView?

        private enum CodingKeys: CodingKey { case paused }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(paused, forKey: .paused)
        }
    }
}

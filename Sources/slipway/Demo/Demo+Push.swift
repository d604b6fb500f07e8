import Foundation
import SlipwayBase
import SlipwayHTTP
import SlipwayNet

/// What GitHub and a person do: push, watch, look at the result.
extension Demo {
    /// Delivers a push as GitHub does.
    /// - Returns: the job's number.
    func push(to server: String) async throws -> Int {
        let payload = PushPayload(
            ref: "refs/heads/main", after: commit, deleted: false,
            repository: .init(id: 1_296_269, full_name: Self.repository),
            head_commit: .init(id: commit, message: "Say hello", author: .init(name: "Slipway Demo")),
            pusher: .init(name: "demo"))
        let body = Array(try JSONEncoder().encode(payload))
        let signature = HMACSHA256.authenticate(body, key: Array(webhookSecret.revealed.utf8)).hex
        let answer = try await json(
            HookAnswer.self,
            HTTPClientRequest(
                .post, server + "/hooks/github",
                headers: [
                    "Content-Type": "application/json", "X-GitHub-Event": "push",
                    "X-GitHub-Delivery": UUID().uuidString.lowercased(), "X-Hub-Signature-256": "sha256=" + signature,
                    "User-Agent": "GitHub-Hookshot/demo",
                ], body: body))
        guard let job = answer.jobs?.first else {
            throw Failure(reason: "the push was \(answer.decision), no job was made")
        }
        return job.id
    }

    /// Prints each step as it ends.
    func follow(_ job: Int, at server: String) async throws -> JobAnswer {
        var printed: Set<String> = []
        while true {
            let answer = try await json(JobAnswer.self, get("\(server)/jobs/\(job)"))
            for step in answer.steps where step.finished_at != nil && printed.insert(step.name).inserted {
                let name = step.name.padding(toLength: 10, withPad: " ", startingAt: 0)
                let reason = step.reason.map { "  \($0.singleLine(limit: 200))" } ?? ""
                try say(
                    "  \(name) \(step.state.padding(toLength: 10, withPad: " ", startingAt: 0)) \(step.duration)\(reason)"
                )
            }
            if answer.finished_at != nil { return answer }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Where the platform says that the app is.
    func appURL(sandbox: String) async throws -> String {
        var request = get("\(sandbox)/apps/\(Self.herokuApp)")
        request.headers["Accept"] = "application/vnd.heroku+json; version=3"
        request.headers["Authorization"] = "Bearer \(settings.registryPassword)"
        return try await json(PlatformApp.self, request).web_url
    }

    /// Asks the app itself which commit it is.
    func showLive(at app: String) async throws {
        let page = String(decoding: try await body(HTTPClientRequest(.get, app)), as: UTF8.self)
        guard page.contains(commit) else {
            throw Failure(
                reason: "the app at \(app) does not show commit \(commit): \(page.singleLine(limit: 300))")
        }
        try say("live: \(app) answers with commit \(commit)")
    }

    private func get(_ url: String) -> HTTPClientRequest {
        HTTPClientRequest(
            .get, url, headers: ["Accept": "application/json", "Authorization": "Bearer \(token.revealed)"])
    }

    private func json<Answer: Decodable>(_: Answer.Type, _ request: HTTPClientRequest) async throws -> Answer {
        let bytes = try await body(request)
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(bytes))
        } catch {
            throw Failure(
                reason: "\(request.url) answered what is not expected: "
                    + String(decoding: bytes.prefix(300), as: UTF8.self).singleLine())
        }
    }

    private func body(_ request: HTTPClientRequest) async throws -> [UInt8] {
        do {
            let response = try await client.send(request)
            let bytes = try await response.body.collect(upTo: 1 << 20)
            guard response.status.isSuccess else {
                throw Failure(
                    reason: "\(request.url) answered \(response.status): "
                        + String(decoding: bytes.prefix(300), as: UTF8.self).singleLine())
            }
            return bytes
        } catch let error as HTTPClientError {
            throw Failure(reason: "\(request.url): \(error)")
        }
    }
}

// GitHub's, Heroku's and our own JSON, spelled as on the wire.

private struct PushPayload: Encodable {
    var ref: String
    var after: String
    var deleted: Bool
    var repository: Repository
    var head_commit: Commit
    var pusher: Person

    struct Repository: Encodable {
        var id: Int
        var full_name: String
    }

    struct Commit: Encodable {
        var id: String
        var message: String
        var author: Person
    }

    struct Person: Encodable {
        var name: String
    }
}

private struct HookAnswer: Decodable {
    var decision: String
    var jobs: [Job]?

    struct Job: Decodable {
        var id: Int
    }
}

private struct PlatformApp: Decodable {
    var web_url: String
}

struct JobAnswer: Decodable, Sendable {
    var state: String
    var reason: String?
    var finished_at: String?
    var steps: [Step]

    struct Step: Decodable, Sendable {
        var name: String
        var state: String
        var reason: String?
        var started_at: String?
        var finished_at: String?

        /// How long it ran.
        var duration: String {
            guard let started_at, let finished_at, let start = Self.date(started_at), let end = Self.date(finished_at)
            else { return "" }
            let tenths = Int((end.timeIntervalSince(start) * 10).rounded())
            return "\(tenths / 10).\(tenths % 10) s"
        }

        private static func date(_ text: String) -> Date? {
            try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        }
    }
}

import Foundation
import SlipwayBase
import SlipwayHTTP

/// GitHub's REST API, as far as the deliveries of webhooks need it (docs/github.md, 5 and 6).
///
/// The client follows no redirect, so the token goes to the configured host and nowhere else.
struct GitHubAPI: Sendable {
    /// Without a trailing slash.
    let url: String
    let token: Secret
    let userAgent: String
    let client: HTTPClient

    /// Where a webhook is set up.
    enum HookPlace: Sendable {
        /// `owner/name`.
        case repository(String)
        case organization(String)

        fileprivate var hooks: String {
            switch self {
            case .repository(let name): "/repos/\(name)/hooks"
            case .organization(let name): "/orgs/\(name)/hooks"
            }
        }
    }

    struct Hook: Decodable, Sendable {
        var id: Int64
        var config: Config

        struct Config: Decodable, Sendable {
            var url: String?
        }
    }

    /// One try to deliver something; all tries of one delivery have its GUID.
    struct Attempt: Decodable, Sendable {
        var id: Int64
        var guid: String
        /// `OK`, or what went wrong.
        var status: String
        var event: String
        var action: String?
        var repositoryID: Int64?

        var hasArrived: Bool { status == "OK" }

        private enum CodingKeys: String, CodingKey {
            case id, guid, status, event, action
            case repositoryID = "repository_id"
        }
    }

    /// - Parameter repository: `owner/name`.
    func repositoryID(of repository: String) async throws(GitHubAPIError) -> Int64 {
        struct Resource: Decodable {
            var id: Int64
        }
        let resource: Resource = try decode(try await get("/repos/\(repository)").body)
        return resource.id
    }

    /// There are at most 20 for an event, so one page is all of them.
    func hooks(of place: HookPlace) async throws(GitHubAPIError) -> [Hook] {
        try decode(try await get("\(place.hooks)?per_page=100").body)
    }

    /// The newest attempts, back to one that is known.
    /// - Parameter known: nil: only the latest few.
    /// - Returns: newest first; at most 1,000, which is days of a busy repository.
    func attempts(of hook: Int64, of place: HookPlace, after known: Int64?) async throws(GitHubAPIError) -> [Attempt] {
        let path = "\(place.hooks)/\(hook)/deliveries?per_page=100"
        var found: [Attempt] = []
        var next = path
        for _ in 1...10 {
            let (body, headers) = try await get(next)
            let page: [Attempt] = try decode(body)
            found += page.filter { $0.id > known ?? 0 }
            guard let known, let last = page.last, last.id > known, let cursor = Self.nextCursor(headers) else { break }
            next = path + "&cursor=" + cursor
        }
        return found
    }

    /// - Returns: what was sent, as it stands in the answer: one JSON value.
    func payload(of attempt: Int64, of hook: Int64, of place: HookPlace) async throws(GitHubAPIError) -> [UInt8] {
        let body = try await get("\(place.hooks)/\(hook)/deliveries/\(attempt)").body
        var payload: [UInt8]?
        do {
            try body.withUnsafeBytes { bytes in
                var walker = JSONWalker(bytes)
                try walker.document { name, value in
                    guard case "request" = name else { return try value.skip() }
                    try value.object { name, value in
                        guard case "payload" = name else { return try value.skip() }
                        payload = Array(try value.text())
                    }
                }
            }
        } catch {
            throw .malformed("no JSON")
        }
        guard let payload else { throw .malformed("no `request.payload`") }
        return payload
    }

    /// A payload has 25 MiB at most, and what stands around it is small.
    private static let mostBytes = 32 << 20

    private func get(_ path: String) async throws(GitHubAPIError) -> (body: [UInt8], headers: HTTPHeaders) {
        let request = HTTPClientRequest(
            .get, url + path,
            headers: [
                "Authorization": "Bearer \(token.revealed)", "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28", "User-Agent": userAgent,
            ])
        do {
            let response = try await client.send(request, deadline: .seconds(30))
            let body = try await response.body.collect(upTo: Self.mostBytes)
            if let error = GitHubAPIError(response) { throw error }
            return (body, response.headers)
        } catch let error as GitHubAPIError {
            throw error
        } catch let error as HTTPError {
            throw .malformed(error.message)
        } catch {
            throw .unanswered("\(error)")
        }
    }

    private func decode<Value: Decodable>(_ body: [UInt8]) throws(GitHubAPIError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(body))
        } catch {
            throw .malformed("not what its documentation says")
        }
    }

    /// Of the `Link` header only the cursor: where to ask is ours to say.
    private static func nextCursor(_ headers: HTTPHeaders) -> String? {
        let link = headers["Link"]?.split(separator: ",").first { $0.contains("rel=\"next\"") }
        return link?.firstMatch(of: /[?&]cursor=([A-Za-z0-9_.%-]+)/).map { String($0.output.1) }
    }
}

enum GitHubAPIError: Error, Sendable, Equatable {
    case unanswered(String)
    case malformed(String)
    /// The token may not; GitHub answers 404 where it does not want to say that there is something.
    case notAllowed(status: Int)
    case moved
    case refused(status: Int)
    /// Too much was asked; `wait` is how long to be quiet.
    case limited(wait: Duration)

    /// nil for a status that is none.
    fileprivate init?(_ response: HTTPClientResponse) {
        let status = response.status
        guard !status.isSuccess else { return nil }
        switch status.code {
        case 403, 429:
            if let wait = response.retryAfter {
                self = .limited(wait: wait)
            } else if status.code == 429 || response.headers["X-RateLimit-Remaining"] == "0" {
                // The limits are by the hour, and when it is over stands there only by the wall clock.
                self = .limited(wait: .seconds(3600))
            } else {
                self = .notAllowed(status: 403)
            }
        case 401, 404: self = .notAllowed(status: status.code)
        case 301, 302, 307, 308: self = .moved
        default: self = .refused(status: status.code)
        }
    }
}

extension GitHubAPIError: CustomStringConvertible {
    var description: String {
        switch self {
        case .unanswered(let reason): "GitHub's API does not answer: \(reason.singleLine())"
        case .malformed(let reason): "GitHub's API answers what is not understood: \(reason.singleLine())"
        case .notAllowed(let status):
            "github.token may not read the repository's webhooks (GitHub's API answers \(status)): give it the permission "
                + "Webhooks, read"
        case .moved: "GitHub's API says that the repository has moved: put its new name into the configuration"
        case .refused(let status): "GitHub's API answers \(status)"
        case .limited(let wait): "GitHub's API asks to be left alone for \(wait.components.seconds) s"
        }
    }
}

import Foundation
import SlipwayCore
import SlipwayHTTP

/// One question to the deployed app.
struct HealthProbe: Sendable {
    let client: HTTPClient
    let userAgent: String
    let limits: HerokuLimits
    let url: URL
    let check: HealthCheck
    let commit: CommitID

    enum Answer: Sendable, Equatable {
        /// The configured status.
        case healthy(namesCommit: Bool)
        /// Anything else, in words.
        case not(String)
    }

    /// - Parameter web: the app's `web_url`.
    /// - Returns: nil when that is no URL.
    init?(
        web: String, check: HealthCheck, commit: CommitID, client: HTTPClient, userAgent: String, limits: HerokuLimits
    ) {
        let base = web.hasSuffix("/") ? String(web.dropLast()) : web
        guard let url = URL(string: base + check.path), url.host() != nil else { return nil }
        self.url = url
        self.check = check
        self.commit = commit
        self.client = client
        self.userAgent = userAgent
        self.limits = limits
    }

    /// - Throws: `CancellationError` only.
    func ask() async throws -> Answer {
        do {
            return try await follow()
        } catch let error as CancellationError {
            throw error
        } catch {
            return .not("\(error)")
        }
    }

    private func follow() async throws -> Answer {
        var here = url
        for _ in 0...limits.redirects {
            let request = HTTPClientRequest(.get, here.absoluteString, headers: ["User-Agent": userAgent])
            let response = try await client.send(request, deadline: limits.healthTime)
            let code = response.status.code
            if code == check.status { return .healthy(namesCommit: try await names(commit, response)) }
            // A status of 300 to 399 that is asked for is the answer, not a way to it.
            guard [301, 302, 303, 307, 308].contains(code), !(300..<400).contains(check.status) else {
                return .not("it answered \(response.status) instead of \(check.status)")
            }
            guard let location = response.headers["Location"], let next = URL(string: location, relativeTo: here) else {
                return .not("it answered \(response.status) without a place to go")
            }
            guard next.host() == here.host(), next.port == here.port || next.scheme != here.scheme else {
                return .not(
                    "it sends elsewhere, to \(next.host() ?? "?"), which is not followed; set health.status or path")
            }
            here = next.absoluteURL
        }
        return .not("it redirects more than \(limits.redirects) times")
    }

    /// Whether a header or the beginning of the body has the commit's id, in full or as git shortens it.
    private func names(_ commit: CommitID, _ response: HTTPClientResponse) async throws -> Bool {
        if response.headers.contains(where: { $0.value.contains(commit.short) }) { return true }
        let wanted = Array(commit.short.utf8)
        var tail: [UInt8] = []
        var count = 0
        while count < limits.healthBytes, let piece = try await response.body.read() {
            count += piece.count
            let text = tail + piece
            if text.contains(wanted) { return true }
            tail = Array(text.suffix(wanted.count - 1))
        }
        return false
    }
}

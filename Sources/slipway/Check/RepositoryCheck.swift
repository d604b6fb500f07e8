import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayDeploy
import SlipwayHTTP
import SlipwayNet

/// GitHub's token, and whether every repository can be read.
struct RepositoryCheck: Sendable {
    let configuration: Configuration

    var questions: [Question] {
        let git = Git(data: configuration.server.data, configuration: Current(configuration))
        let token = configuration.github.token.map { token in
            Question("github") { [await gitHub(token)] }
        }
        return (token.map { [$0] } ?? [])
            + configuration.apps.map { app in
                Question("apps.\(app.name)") {
                    do {
                        try await git.check(app)
                        return [.ok("apps.\(app.name): its repository can be read")]
                    } catch {
                        return [.error("apps.\(app.name): \(error)")]
                    }
                }
            }
    }

    /// By the one request that costs nothing and needs no permission.
    private func gitHub(_ token: Secret) async -> Finding {
        let url = configuration.github.apiURL
        do {
            let client = HTTPClient(tls: try TLSClientContext())
            let response = try await client.send(
                HTTPClientRequest(
                    .get, url + "/rate_limit",
                    headers: [
                        "Authorization": "Bearer \(token.revealed)", "Accept": "application/vnd.github+json",
                        "User-Agent": "slipway/\(Slipway.version)",
                    ]), deadline: .seconds(15))
            switch response.status.code {
            case 200..<300: return .ok("github: \(url) accepts the token")
            case 401: return .error("github: \(url) does not accept the token; make a new one and set github.token")
            default:
                return .error("github: \(url) answers \(response.status); check github.api_url, or look again later")
            }
        } catch {
            return .error(
                "github: \(url) cannot be reached (\(error)); check github.api_url and this machine's network")
        }
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet

/// Whether each registry takes the login that `registries` has for it, asked as Docker asks: at once, or by the place that
/// the registry names for tokens (Docker registry token authentication).
struct RegistryLoginCheck {
    let logins: [RegistryLogin]
    /// For one answer.
    var deadline = Question.deadline

    var questions: [Question] {
        logins.map { login in Question("registries") { [await finding(login)] } }
    }

    private func finding(_ login: RegistryLogin) async -> Finding {
        let subject = "registries: \(login.host)"
        do {
            let client = HTTPClient(tls: try TLSClientContext())
            let host = login.host == RegistryLogin.dockerHub ? "registry-1.docker.io" : login.host
            let scheme = Loopback.holds(authority: host) ? "http" : "https"
            var response = try await ask("\(scheme)://\(host)/v2/", login, client)
            if response.status.code == 401,
                let place = Self.tokenPlace(response.headers["WWW-Authenticate"] ?? "", login)
            {
                guard place.hasPrefix("https://") || scheme == "http" else {
                    return .warning("\(subject) was not asked further: it wants the password without TLS")
                }
                response = try await ask(place, login, client)
            }
            switch response.status.code {
            case 200..<300: return .ok("\(subject) takes the login of \(login.user.singleLine(limit: 80))")
            case 401, 403: return .error("\(subject) does not take the login; check its user and password")
            default: return .warning("\(subject) answers \(response.status) to a login; look again later")
            }
        } catch {
            return .warning("\(subject) cannot be reached from here (\(error)); the engine may reach it all the same")
        }
    }

    private func ask(_ url: String, _ login: RegistryLogin, _ client: HTTPClient) async throws -> HTTPClientResponse {
        let credentials = Data("\(login.user):\(login.password.revealed)".utf8).base64EncodedString()
        return try await client.send(
            HTTPClientRequest(
                .get, url,
                headers: ["Authorization": "Basic \(credentials)", "User-Agent": "slipway/\(Slipway.version)"]),
            deadline: deadline)
    }

    /// The address of `Bearer realm="https://…/token",service="…"`, with its question; nil for another challenge.
    static func tokenPlace(_ challenge: String, _ login: RegistryLogin) -> String? {
        guard challenge.lowercased().hasPrefix("bearer "),
            let realm = challenge.firstMatch(of: /[Rr]ealm="([^"\s]+)"/)?.output.1
        else { return nil }
        var query = "account=\(PercentCoding.encode(login.user))"
        if let service = challenge.firstMatch(of: /[Ss]ervice="([^"]*)"/)?.output.1 {
            query += "&service=\(PercentCoding.encode(String(service)))"
        }
        return "\(realm)\(realm.contains("?") ? "&" : "?")\(query)"
    }
}

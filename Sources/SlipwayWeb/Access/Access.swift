package import SlipwayBase
package import SlipwayCore
package import SlipwayHTTP
import SlipwayNet
import Synchronization

/// Who may come in: programs by `Authorization: Bearer`, browsers by a session cookie.
package final class Access: Sendable {
    private let credentials: Derived<Configuration, Credentials>
    private let now: @Sendable () -> Timestamp
    private let moment: @Sendable () -> ContinuousClock.Instant
    /// Protects the count of attempts to log in, shared by all connections.
    private let attempts = Mutex(LoginAttempts())

    /// - Parameters:
    ///   - now: the clock by which sessions expire.
    ///   - moment: the one by which attempts are counted, which nobody sets: a jump would lock people out.
    package init(
        configuration: Current<Configuration>, now: @escaping @Sendable () -> Timestamp = { .now() },
        moment: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        credentials = Derived(configuration) { Credentials($0.server) }
        self.now = now
        self.moment = moment
    }

    /// Lets a request in, or throws the answer that keeps it out: 401 for who is unknown, 403 for who may not.
    ///
    /// An unsafe request's form is read here, because its CSRF token stands in it.
    package nonisolated(nonsending) func authorize(_ request: HTTPRequest, _ permission: AccessToken.Permission)
        async throws -> Caller
    {
        try permitted(try await caller(of: request), permission)
    }

    /// As `authorize` for reading, but lets strangers in where the status is public. For safe methods only.
    package func authorizeStatus(_ request: HTTPRequest) throws(HTTPError) -> Caller {
        let credentials = credentials.value
        let caller = try sender(of: request, credentials)?.caller
        if credentials.isPublic { return caller ?? Caller(name: nil, permissions: []) }
        return try permitted(caller, .read)
    }

    private func permitted(_ caller: Caller?, _ permission: AccessToken.Permission) throws(HTTPError) -> Caller {
        guard let caller else { throw Self.unauthorized }
        guard caller.may(permission) else {
            throw HTTPError(
                .forbidden, code: "forbidden",
                message: "the token \(caller.name ?? "") has no permission to \(permission.rawValue)")
        }
        return caller
    }

    /// With what an unsafe request's form says.
    /// - Throws: as `sender`, and for a browser's unsafe request that may come from another site.
    private nonisolated(nonsending) func caller(of request: HTTPRequest) async throws -> Caller? {
        let credentials = credentials.value
        guard let (sender, session) = try sender(of: request, credentials) else { return nil }
        var caller = sender
        caller.form = try await form(of: request)
        if let session, !request.method.isSafe {
            try verifyOrigin(of: request, isRequired: true)
            let sent = request.headers["X-CSRF-Token"] ?? caller.form["csrf"] ?? ""
            let expected = credentials.keys.csrfToken(for: session)
            guard constantTimeEqual(Array(sent.utf8), Array(expected.utf8)) else {
                throw HTTPError(
                    .forbidden, code: "csrf",
                    message: "the form is out of date or from elsewhere: reload the page and try again")
            }
        }
        return caller
    }

    /// - Returns: nil for a request that says nothing about who sends it, or by a session that is over.
    /// - Throws: for a wrong token.
    private func sender(
        of request: HTTPRequest, _ credentials: Credentials
    ) throws(HTTPError) -> (caller: Caller, session: Session?)? {
        let authorizations = request.headers.all("Authorization")
        guard authorizations.isEmpty else {
            guard authorizations.count == 1, let value = bearer(authorizations[0]),
                let token = credentials.token(matching: value)
            else { throw Self.unauthorized }
            return (Caller(name: token.name, permissions: token.permissions), nil)
        }
        guard let session = session(of: request, credentials), let token = credentials.token(named: session.token)
        else { return nil }
        return (Caller(name: token.name, permissions: token.permissions, isBrowser: true), session)
    }

    /// The session a request's cookie stands for, if it is one of ours and not over.
    package func session(of request: HTTPRequest) -> Session? { session(of: request, credentials.value) }

    private func session(of request: HTTPRequest, _ credentials: Credentials) -> Session? {
        for header in request.headers.all("Cookie") {
            for pair in header.split(separator: ";") {
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2, sides[0].drop(while: { $0 == " " }) == credentials.cookieName else { continue }
                if let session = credentials.keys.open(String(sides[1])), session.expires > now() { return session }
            }
        }
        return nil
    }

    /// What a page's forms carry; empty for who has no session and no forms.
    package func csrfToken(for request: HTTPRequest) -> String {
        let credentials = credentials.value
        return session(of: request, credentials).map(credentials.keys.csrfToken(for:)) ?? ""
    }

    /// Exchanges a token for a session cookie.
    /// - Throws: `WrongToken`; 429 after too many attempts from one address, 403 for a form of another site.
    func login(_ request: HTTPRequest) async throws -> (cookie: String, token: String, form: [String: String]) {
        let address = address(of: request)
        if let wait = attempts.withLock({ $0.record(from: address, at: moment()) }) {
            throw HTTPError(
                .tooManyRequests, code: "too_many_attempts", message: "too many attempts to log in; wait a while",
                headers: ["Retry-After": String(wait.components.seconds + 1)])
        }
        try verifyOrigin(of: request, isRequired: false)
        let form = try await form(of: request)
        guard let token = credentials.value.token(matching: form["token"] ?? "") else {
            throw WrongToken(address: address, next: form["next"])
        }
        attempts.withLock { $0.forget(address) }
        let session = Session(
            token: token.name, expires: Timestamp(milliseconds: now().milliseconds + Session.lifetime * 1000),
            nonce: SecureRandom.bytes(16).hex)
        return (cookie(credentials.value.keys.seal(session), maxAge: Session.lifetime), token.name, form)
    }

    struct WrongToken: Error {
        var address: String
        var next: String?

        var answer: HTTPError {
            HTTPError(
                .unauthorized, code: "wrong_token", message: "This server knows no such token.",
                headers: ["WWW-Authenticate": "Bearer"])
        }
    }

    /// The cookie that ends a session, and the name of the token whose it was.
    func logout(_ request: HTTPRequest) async throws -> (cookie: String, token: String?) {
        let name = try await caller(of: request)?.name
        return (cookie("", maxAge: 0), name)
    }

    /// Who sends a request, for the log.
    func address(of request: HTTPRequest) -> String {
        request.clientAddress(trusting: credentials.value.trustedProxies)
    }

    private func cookie(_ value: String, maxAge: Int64) -> String {
        let credentials = credentials.value
        let start = "\(credentials.cookieName)=\(value); Path=/; Max-Age=\(maxAge); HttpOnly; SameSite=Lax"
        return credentials.isHTTPS ? start + "; Secure" : start
    }

    private func bearer(_ credentials: String) -> Substring? {
        guard let space = credentials.utf8.firstIndex(of: UInt8(ascii: " ")),
            credentials[..<space].isSameHeader(as: "Bearer")
        else { return nil }
        return Substring(credentials[space...].utf8.drop { $0 == UInt8(ascii: " ") })
    }

    private nonisolated(nonsending) func form(of request: HTTPRequest) async throws -> [String: String] {
        let type = request.headers["Content-Type"]?.split(separator: ";").first?.lowercased() ?? ""
        guard !request.method.isSafe, type == "application/x-www-form-urlencoded" else { return [:] }
        let body = try await request.body.collect(upTo: request.body.limits.formBytes)
        guard let items = PercentCoding.decodeForm(String(decoding: body, as: UTF8.self)) else {
            throw HTTPError.badRequest("the form has a broken percent escape")
        }
        return Dictionary(items.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// - Parameter isRequired: whether a request without `Origin` is refused. Browsers send it with every POST.
    private func verifyOrigin(of request: HTTPRequest, isRequired: Bool) throws {
        let origin = request.headers["Origin"]
        if origin == nil, !isRequired { return }
        guard credentials.value.isOwn(origin ?? "", of: request) else {
            throw HTTPError(
                .forbidden, code: "wrong_origin", message: "the request comes from another site than this server's")
        }
    }

    private static let unauthorized = HTTPError(
        .unauthorized, code: "unauthorized",
        message: "send a token as Authorization: Bearer …, or log in at /login",
        headers: ["WWW-Authenticate": "Bearer"])
}

extension HTTPMethod {
    var isSafe: Bool { self == .get || self == .head || self == .options }
}

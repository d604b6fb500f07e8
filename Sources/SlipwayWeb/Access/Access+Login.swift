import Logging
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet
import Synchronization

extension Access {
    /// Exchanges a token for a session cookie.
    /// - Throws: `Refused` for what the login page tells; 429 after too many wrong tokens from one client, 403 for a form
    ///   of another site.
    func login(_ request: HTTPRequest) async throws -> (cookie: String, form: [String: String]) {
        let credentials = credentials.value
        try verifyOrigin(of: request, isRequired: false, credentials)
        let form = try await form(of: request)
        try verifyCookieCanCome(request, form, credentials)
        guard let token = try token(matching: form["token"] ?? "", sentBy: "login", request, credentials) else {
            throw Refused(
                error: HTTPError(
                    .unauthorized, code: "wrong_token", message: Self.wrongToken,
                    headers: ["WWW-Authenticate": "Bearer"]), next: form["next"])
        }
        let session = Session(
            token: token.name, expires: Timestamp(milliseconds: now().milliseconds + Session.lifetime * 1000),
            nonce: SecureRandom.bytes(16).hex)
        logger.notice("login", metadata: ["address": "\(address(of: request))", "token": "\(token.name)"])
        return (cookie(credentials.keys.seal(session), maxAge: Session.lifetime), form)
    }

    /// No login, for a reason that the person at the page can do something about.
    struct Refused: Error {
        var error: HTTPError
        var next: String?
    }

    /// Ends the session for good, not only in this browser. A Bearer beside it is not looked at, because it has none.
    /// - Returns: the cookie that makes the browser forget it.
    func logout(_ request: HTTPRequest) async throws -> String {
        let credentials = credentials.value
        if let session = session(of: request, credentials) {
            try verify(session, of: request, try await form(of: request), credentials)
            await end(session)
            logger.notice("logout", metadata: ["address": "\(address(of: request))", "token": "\(session.token)"])
        }
        return cookie("", maxAge: 0)
    }

    private func address(of request: HTTPRequest) -> String {
        request.clientAddress(trusting: credentials.value.trustedProxies)
    }

    private func end(_ session: Session) async {
        let now = now()
        ended.withLock { ended in
            ended = ended.filter { $0.value > now }
            ended[session.nonce] = session.expires
        }
        do {
            try await store.end(session.nonce, until: session.expires, at: now)
        } catch {
            logger.warning(
                "a logout cannot be stored, so that a restart would forget it; change the token if anybody may have the cookie",
                metadata: ["token": "\(session.token)", "reason": "\(error)"])
        }
    }

    /// An unsafe request of a browser comes from a form of this session, on a page of this server.
    func verify(
        _ session: Session, of request: HTTPRequest, _ form: [String: String], _ credentials: Credentials
    ) throws(HTTPError) {
        try verifyOrigin(of: request, isRequired: true, credentials)
        let sent = request.headers["X-CSRF-Token"] ?? form["csrf"] ?? ""
        let expected = credentials.keys.csrfToken(for: session)
        guard let token = MaskedToken.unmask(sent), constantTimeEqual(token, expected) else {
            throw HTTPError(
                .forbidden, code: "csrf",
                message: "the form is out of date or from elsewhere: reload the page and try again")
        }
    }

    nonisolated(nonsending) func form(of request: HTTPRequest) async throws -> [String: String] {
        let type = request.headers["Content-Type"]?.split(separator: ";").first?.lowercased() ?? ""
        guard !request.method.isSafe, type == "application/x-www-form-urlencoded" else { return [:] }
        let body = try await request.body.collect(upTo: request.body.limits.formBytes)
        guard let items = PercentCoding.decodeForm(String(decoding: body, as: UTF8.self)) else {
            throw HTTPError.badRequest("the form has a broken percent escape")
        }
        return Dictionary(items.map { ($0.name, $0.value) }) { first, _ in first }
    }

    private func cookie(_ value: String, maxAge: Int64) -> String {
        let credentials = credentials.value
        let start = "\(credentials.cookieName)=\(value); Path=/; Max-Age=\(maxAge); HttpOnly; SameSite=Lax"
        return credentials.isHTTPS ? start + "; Secure" : start
    }
}

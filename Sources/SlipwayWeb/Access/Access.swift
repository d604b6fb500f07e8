package import Logging
package import SlipwayBase
package import SlipwayCore
package import SlipwayHTTP
import SlipwayNet
import Synchronization

/// Who may come in: programs by `Authorization: Bearer`, browsers by a session cookie.
package final class Access: Sendable {
    let credentials: Derived<Configuration, Credentials>
    let now: @Sendable () -> Timestamp
    let moment: @Sendable () -> ContinuousClock.Instant
    let store: any EndedSessions
    let logger: Logger
    private let strangers: Logger
    /// Sessions that were ended before they expire, by what is random in them. Here, so that no request asks the store.
    let ended: Mutex<[String: Timestamp]>
    // Each shared by all connections.
    private let guesses = Mutex(Guesses())
    private let notices = Mutex(Notices())
    let forwarders = Mutex(Forwarders())

    /// - Parameters:
    ///   - now: the clock by which sessions expire.
    ///   - moment: the one by which attempts are counted, which nobody sets: a jump would lock people out.
    ///   - logger: takes one line for each login and logout.
    ///   - strangers: takes lines about who was kept out, one a minute for each client.
    package init(
        configuration: Current<Configuration>, sessions: SessionRecords,
        now: @escaping @Sendable () -> Timestamp = { .now() },
        moment: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        logger: Logger, strangers: Logger
    ) {
        credentials = Derived(configuration) { Credentials($0.server, salt: sessions.salt) }
        ended = Mutex(sessions.ended)
        store = sessions.store
        self.now = now
        self.moment = moment
        self.logger = logger
        self.strangers = strangers
    }

    /// Lets a request in, or throws the answer that keeps it out: 401 for who is unknown, 403 for who may not, 429 after
    /// too many wrong tokens.
    ///
    /// An unsafe request's form is read here, because its CSRF token stands in it.
    package nonisolated(nonsending) func authorize(_ request: HTTPRequest, _ permission: AccessToken.Permission)
        async throws -> Caller
    {
        let credentials = credentials.value
        guard let sender = try sender(of: request, credentials) else { throw Self.unauthorized }
        var caller = try permitted(sender.caller, permission)
        caller.form = try await form(of: request)
        if let session = sender.session, !request.method.isSafe {
            try verify(session, of: request, caller.form, credentials)
        }
        caller.isStillWelcome = { [self] in isStillIn(sender, by: request, permission) }
        return caller
    }

    /// As `authorize` for reading, but lets strangers in where the status is public. For safe methods only.
    package func authorizeStatus(_ request: HTTPRequest) throws(HTTPError) -> Caller {
        let credentials = credentials.value
        let sender = try sender(of: request, credentials)
        var caller = sender?.caller ?? Caller(name: nil, permissions: [])
        if !credentials.isPublic {
            guard let sender else { throw Self.unauthorized }
            caller = try permitted(sender.caller, .read)
        }
        caller.isStillWelcome = { [self] in
            self.credentials.value.isPublic || sender.map { isStillIn($0, by: request, .read) } == true
        }
        return caller
    }

    private func permitted(_ caller: Caller, _ permission: AccessToken.Permission) throws(HTTPError) -> Caller {
        guard caller.may(permission) else {
            throw HTTPError(
                .forbidden, code: "forbidden",
                message: "the token \(caller.name ?? "") has no permission to \(permission.rawValue)")
        }
        return caller
    }

    struct Sender {
        var token: AccessToken
        /// nil: a program.
        var session: Session?

        var caller: Caller {
            Caller(name: token.name, permissions: token.permissions, isBrowser: session != nil)
        }
    }

    /// An `Authorization` that is not Bearer is none of ours: a proxy in front asks for it. Nor does a Bearer of such a
    /// proxy hide a session or take a guess from the client.
    /// - Returns: nil for a request that says nothing about who sends it, or by a session that is over.
    /// - Throws: for a wrong token.
    func sender(of request: HTTPRequest, _ credentials: Credentials) throws(HTTPError) -> Sender? {
        let browser = browser(of: request, credentials)
        let bearers = request.headers.all("Authorization").compactMap(bearer)
        guard let value = bearers.first else { return browser }
        let token: AccessToken? =
            if bearers.count > 1 || value.isEmpty {
                nil
            } else if let browser {
                self.token(matching: value, beside: browser, credentials)
            } else {
                try self.token(matching: value, sentBy: "bearer", request, credentials)
            }
        if let token { return Sender(token: token) }
        guard let browser else { throw Self.unknownToken }
        return browser
    }

    private func token(
        matching value: Substring, beside browser: Sender, _ credentials: Credentials
    ) -> AccessToken? {
        let token = credentials.token(matching: value)
        let source = Guesses.Source.session(token: browser.token.name)
        let judgement = guesses.withLock { $0.judge(token, from: source, isShared: false, at: moment()) }
        return judgement == .right ? token : nil
    }

    private func browser(of request: HTTPRequest, _ credentials: Credentials) -> Sender? {
        guard let session = session(of: request, credentials), let token = credentials.token(named: session.token)
        else { return nil }
        return Sender(token: token, session: session)
    }

    /// Whether who was let in would be so now; nothing of it counts as a guess.
    private func isStillIn(_ sender: Sender, by request: HTTPRequest, _ permission: AccessToken.Permission) -> Bool {
        let credentials = credentials.value
        return credentials.holds(sender.token, permission)
            && (sender.session == nil || session(of: request, credentials) != nil)
    }

    /// - Parameter way: for the log.
    /// - Returns: nil for a wrong token, of which the log tells.
    /// - Throws: 429, after too many of them; nobody learns then whether this one is right.
    func token(
        matching value: some StringProtocol, sentBy way: String, _ request: HTTPRequest, _ credentials: Credentials
    ) throws(HTTPError) -> AccessToken? {
        let token = credentials.token(matching: value)
        let client = Client(of: request, trusting: credentials.trustedProxies)
        let judgement = guesses.withLock {
            $0.judge(token, from: .client(client.network), isShared: client.isShared, at: moment())
        }
        switch judgement {
        case .right: return token
        case .wrong:
            notice("login refused", .wrongToken, client, by: way, Self.wrongToken)
            return nil
        case .refused(let wait):
            notice(
                "login refused", .wrongToken, client, by: way, "too many wrong tokens; nothing is compared for a minute"
            )
            throw HTTPError(
                .tooManyRequests, code: "too_many_attempts",
                message: "too many wrong tokens from \(client.address); wait a minute",
                headers: ["Retry-After": String(wait.components.seconds + 1)])
        }
    }

    /// Tells the log, where a line is due.
    func notice(
        _ message: Logger.Message, _ kind: Notices.Kind, _ client: Client, by way: String? = nil, _ reason: String
    ) {
        guard let unsaid = notices.withLock({ $0.count(kind, client, at: moment()) }) else { return }
        var words: Logger.Metadata = ["address": "\(client.address)", "reason": "\(reason)"]
        if let way { words["by"] = "\(way)" }
        // Those since the last line.
        if unsaid > 0 { words["more"] = "\(unsaid)" }
        strangers.warning(message, metadata: words)
    }

    static let wrongToken = "This server knows no such token."

    /// The session a request's cookie stands for, if it is one of ours and not over.
    package func session(of request: HTTPRequest) -> Session? { session(of: request, credentials.value) }

    func session(of request: HTTPRequest, _ credentials: Credentials) -> Session? {
        for header in request.headers.all("Cookie") {
            for pair in header.split(separator: ";") {
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2, sides[0].drop(while: { $0 == " " }) == credentials.cookieName else { continue }
                guard let session = credentials.keys.open(String(sides[1])), session.expires > now() else { continue }
                if ended.withLock({ $0[session.nonce] }) == nil { return session }
            }
        }
        return nil
    }

    /// What a page's forms carry; empty for who has no session and no forms.
    package func csrfToken(for request: HTTPRequest) -> String {
        let credentials = credentials.value
        return session(of: request, credentials).map { MaskedToken.mask(credentials.keys.csrfToken(for: $0)) } ?? ""
    }

    private func bearer(_ credentials: String) -> Substring? {
        let scheme = credentials.prefix { $0 != " " }
        guard scheme.isSameHeader(as: "Bearer") else { return nil }
        return Substring(credentials[scheme.endIndex...].utf8.drop { $0 == UInt8(ascii: " ") })
    }

    private static let unknownToken = HTTPError(
        .unauthorized, code: "unauthorized",
        message: "this server knows no such token; compare it with the values of server.tokens",
        headers: ["WWW-Authenticate": "Bearer"])

    static let unauthorized = HTTPError(
        .unauthorized, code: "unauthorized",
        message: "send a token as Authorization: Bearer …, or log in at /login",
        headers: ["WWW-Authenticate": "Bearer"])
}

extension HTTPMethod {
    var isSafe: Bool { self == .get || self == .head || self == .options }
}

package import Logging
package import SlipwayBase
package import SlipwayCore
package import SlipwayHTTP

/// `POST /hooks/github`: checks a delivery, decides, records both, and answers once they are on disk.
package struct GitHubHook: Sendable {
    private let configuration: Current<Configuration>
    private let deliveries: any DeliveryStore
    private let logger: Logger
    private let strangers: Logger

    /// Where the deliveries belong, beneath the server's address.
    static let path = "/hooks/github"

    /// - Parameters:
    ///   - logger: takes one line for each delivery that is recorded.
    ///   - strangers: takes one for each that is refused, which anybody can cause.
    package init(
        configuration: Current<Configuration>, deliveries: any DeliveryStore, logger: Logger, strangers: Logger
    ) {
        self.configuration = configuration
        self.deliveries = deliveries
        self.logger = logger
        self.strangers = strangers
    }

    package func addRoutes(to router: inout Router) {
        // The slash at the end is a slip of many hands, and there is nothing else that it could mean.
        for path in [Self.path, Self.path + "/"] {
            router.on(.post, path, isQuick: true) { request, _ in try await respond(to: request) }
        }
        router.unrouted = { [unrouted = router.unrouted] request, error in
            let error = unrouted(request, error)
            return isDelivery(request) ? misdirected(request, error) : error
        }
    }

    // MARK: At a wrong path

    private func isDelivery(_ request: HTTPRequest) -> Bool {
        ["X-GitHub-Event", "X-Hub-Signature-256"].contains { request.headers[$0] != nil }
    }

    /// GitHub shows the answer to whoever set the webhook up.
    private func misdirected(_ request: HTTPRequest, _ error: HTTPError) -> HTTPError {
        var error = error
        error.message +=
            "; this server takes GitHub's deliveries at \(configuration.value.server.publicURL ?? "")\(Self.path), "
            + "so set the webhook's payload URL to that"
        note(error, of: request)
        return error
    }

    // MARK: At the right one

    /// docs/api.md promises the order of these steps. What can be refused by the header is refused before the body is
    /// read: a client without a signature is not worth 25 MiB.
    private nonisolated(nonsending) func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        do {
            let configuration = configuration.value
            let encoding = try encoding(of: request)
            try refuseCompression(of: request)
            let signature = try signature(of: request)
            let (body, signers) = try await read(request, encoding, signature, configuration)
            let delivery = try delivery(of: request, body)
            let event = try await event(named: delivery.event, in: body, encoding)
            let apps = try await apps(trusting: signers, event, configuration)
            let receipt = try await record(delivery, event, apps)
            DeliveryLine(delivery, event, apps: apps.concerned).write(receipt, to: logger)
            return answer(receipt, to: delivery, event, configuration)
        } catch let error as HTTPError {
            note(error, of: request)
            throw error
        }
    }

    private func encoding(of request: HTTPRequest) throws -> GitHubBody {
        let type = request.headers["Content-Type"]
        let encoding = GitHubBody(contentType: type)
        let limit = (encoding ?? .json).limit(request.body.limits)
        if let length = request.body.length, length > limit { throw HTTPError.contentTooLarge(limit: limit) }
        guard let encoding else {
            throw HTTPError(
                .unsupportedMediaType, code: "unsupported_media_type",
                message: "a delivery is application/json or application/x-www-form-urlencoded, not "
                    + (type?.singleLine(limit: 100) ?? "without a Content-Type"))
        }
        return encoding
    }

    /// The signature is of the bytes that GitHub sent, and GitHub compresses none: a proxy in front does.
    private func refuseCompression(of request: HTTPRequest) throws {
        let codings = request.headers.list("Content-Encoding").filter {
            !$0.isEmpty && !$0.isSameHeader(as: "identity")
        }
        guard !codings.isEmpty else { return }
        throw HTTPError(
            .unsupportedMediaType, code: "unsupported_content_encoding",
            message: "the body's Content-Encoding is \(codings.joined(separator: ", ").singleLine(limit: 100)), and a "
                + "delivery is taken as GitHub sends it, uncompressed: let no proxy compress requests to this server",
            headers: ["Accept-Encoding": "identity"])
    }

    private func signature(of request: HTTPRequest) throws -> GitHubSignature {
        do {
            let headers = request.headers.all("X-Hub-Signature-256")
            return try GitHubSignature(header: headers.count > 1 ? "" : headers.first)
        } catch .missing {
            let onlyOld = request.headers["X-Hub-Signature"] != nil
            throw Self.forbidden(
                onlyOld
                    ? "only the old X-Hub-Signature (SHA-1) was sent; X-Hub-Signature-256 is needed"
                    : "X-Hub-Signature-256 is missing: give the webhook a secret")
        } catch .malformed {
            throw Self.forbidden("X-Hub-Signature-256 is not sha256= and 64 lower-case hexadecimal digits")
        }
    }

    /// The body, and the configured secrets that signed it. Which of them count is known once the payload may be read.
    private nonisolated(nonsending) func read(
        _ request: HTTPRequest, _ encoding: GitHubBody, _ signature: GitHubSignature, _ configuration: Configuration
    ) async throws -> (ReceivedBody, Set<Secret>) {
        let secrets = configuration.server.webhookSecrets + configuration.apps.flatMap(\.webhookSecrets)
        let check = signature.check(against: Set(secrets))
        let body = try await request.body.receive(upTo: encoding.limit(request.body.limits)) { check.update($0) }
        let signers = check.signers()
        guard !signers.isEmpty else {
            throw Self.forbidden(
                "the signature matches no secret of this server: compare the webhook's secret with webhook_secrets")
        }
        return (body, signers)
    }

    private func delivery(of request: HTTPRequest, _ body: ReceivedBody) throws -> Delivery {
        func identifier(_ header: String) throws -> String {
            guard let value = request.headers[header], (1...128).contains(value.utf8.count),
                value.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else {
                throw HTTPError.badRequest("\(header) is missing or not 1 to 128 visible ASCII characters")
            }
            return value
        }
        let event = try identifier("X-GitHub-Event")
        return Delivery(
            guid: try identifier("X-GitHub-Delivery"), source: .github, event: event,
            headers: request.headers.kept(Self.keptHeaders), body: body)
    }

    private nonisolated(nonsending) func event(
        named name: String, in body: ReceivedBody, _ encoding: GitHubBody
    ) async throws -> GitHubEvent {
        if body.count <= Self.smallPayload { return try Self.parse(name, body, encoding) }
        return try await elsewhere { try Self.parse(name, body, encoding) }
    }

    /// Bytes of a payload that is read between two requests of other connections; GitHub's usual ones are 8 to 30 kB.
    private static let smallPayload = 65_536

    private static func parse(_ name: String, _ body: ReceivedBody, _ encoding: GitHubBody) throws -> GitHubEvent {
        do {
            guard let event = try encoding.withPayload(of: body, { try GitHubEvent(name: name, json: $0) }) else {
                throw HTTPError.badRequest("the form has no field named payload, or its escapes are broken")
            }
            return event
        } catch GitHubEvent.ParseError.notJSON {
            throw HTTPError.badRequest("the payload is not a JSON object")
        } catch GitHubEvent.ParseError.missing(let field) {
            throw HTTPError.badRequest("the \(name) payload has no \(field)")
        } catch GitHubEvent.ParseError.invalid(let field) {
            throw HTTPError.badRequest("\(field) in the \(name) payload is not what GitHub sends")
        }
    }

    /// The apps this delivery may speak for. An app with secrets of its own does not take the server's, so that who
    /// may sign for one repository cannot deploy another.
    private nonisolated(nonsending) func apps(
        trusting signers: Set<Secret>, _ event: GitHubEvent, _ configuration: Configuration
    ) async throws -> PlannedApps {
        func trusts(_ app: App) -> Bool {
            let own = app.webhookSecrets.isEmpty ? configuration.server.webhookSecrets : app.webhookSecrets
            return !signers.isDisjoint(with: own)
        }
        let trusted = configuration.apps.filter(trusts)
        guard let repository = event.repository else { return PlannedApps(apps: trusted) }
        if case .ping = event.event { return PlannedApps(apps: trusted) }
        var renamed: String?
        var ofRepository = configuration.apps.of(repository)
        if ofRepository.isEmpty, let id = repository.id {
            renamed = try await stored { try await deliveries.app(of: id) }
            ofRepository = configuration.apps.of(repository, former: renamed)
        }
        let isTrusted =
            ofRepository.isEmpty
            ? !signers.isDisjoint(with: configuration.server.webhookSecrets) : ofRepository.contains(where: trusts)
        guard isTrusted else {
            throw Self.forbidden("the signature was made with a secret that does not count for this repository")
        }
        return PlannedApps(apps: trusted, renamed: renamed, concerned: ofRepository.filter(trusts).map(\.name))
    }

    private struct PlannedApps {
        var apps: [App]
        var renamed: String?
        /// Those of the delivery's repository.
        var concerned: [String] = []
    }

    private nonisolated(nonsending) func record(
        _ delivery: Delivery, _ event: GitHubEvent, _ planned: PlannedApps
    ) async throws -> Receipt {
        let decision = Planner(apps: planned.apps)
            .decide(event.event, delivery: delivery.guid) { _ in planned.renamed }
        return try await stored {
            try await deliveries.record(delivery, decision, repository: event.repository)
        }
    }

    private nonisolated(nonsending) func stored<Value>(
        _ operation: nonisolated(nonsending) () async throws -> Value
    ) async throws -> Value {
        do {
            return try await operation()
        } catch {
            logger.error("a delivery cannot be stored", metadata: ["reason": "\(error)"])
            throw HTTPError(
                .serviceUnavailable, code: "not_stored",
                message: "the delivery cannot be stored now; redeliver it later", headers: ["Retry-After": "30"])
        }
    }

    private func answer(
        _ receipt: Receipt, to delivery: Delivery, _ event: GitHubEvent, _ configuration: Configuration
    ) -> HTTPResponse {
        let answer = DeliveryAnswer(
            receipt, delivery: delivery.guid, warnings: event.warnings, publicURL: configuration.server.publicURL)
        return .json(Array(answer.json.utf8), status: answer.status)
    }

    private func note(_ error: HTTPError, of request: HTTPRequest) {
        func shown(_ header: String) -> Logger.MetadataValue? {
            request.headers[header].map { "\($0.singleLine(limit: 64))" }
        }
        var metadata: Logger.Metadata = [
            "address": "\(request.clientAddress(trusting: configuration.value.server.trustedProxies))",
            "path": "\(request.target.path.singleLine(limit: 100))", "status": "\(error.status.code)",
            "code": "\(error.code)", "reason": "\(error.message)",
        ]
        metadata["delivery"] = shown("X-GitHub-Delivery")
        metadata["event"] = shown("X-GitHub-Event")
        strangers.warning("delivery refused", metadata: metadata)
    }

    /// What is stored of a delivery's header: GitHub once sent a hook's secret in a header of its own.
    private static let keptHeaders = [
        "X-GitHub-Event", "X-GitHub-Delivery", "X-GitHub-Hook-ID", "X-GitHub-Hook-Installation-Target-Type",
        "X-GitHub-Hook-Installation-Target-ID", "X-GitHub-Enterprise-Version", "X-GitHub-Enterprise-Host",
        "User-Agent", "Content-Type",
    ]

    private static func forbidden(_ message: String) -> HTTPError {
        HTTPError(.forbidden, code: "bad_signature", message: message)
    }
}

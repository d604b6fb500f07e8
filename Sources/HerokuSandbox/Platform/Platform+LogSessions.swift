import SlipwayBase

/// What a log session shows, for whoever knows its URL.
struct LogSession: Sendable {
    var log: AppLog
    var dyno: String?
    var type: String?
    var source: String?
    var lines: Int
    var tail: Bool
    var expires: ContinuousClock.Instant

    func shows(_ line: LogLine) -> Bool {
        if let dyno, line.dyno != dyno { return false }
        if let type, !line.dyno.hasPrefix(type + ".") { return false }
        if let source, line.source != source { return false }
        return true
    }
}

extension Platform {
    /// - Parameter variant: `sdk` calls the filter `dyno`, the published version `dyno_name`.
    func createLogSession(_ identity: String, _ body: JSON, variant: String?) throws(APIError) -> JSON {
        let app = try app(identity)
        let id = makeIdentifier()
        let now = Timestamp.now().apiText
        logSessions[id] = LogSession(
            log: app.log, dyno: body[variant == "sdk" ? "dyno" : "dyno_name"]?.string, type: body["type"]?.string,
            source: body["source"]?.string, lines: min(max(body["lines"]?.integer ?? 100, 0), AppLog.capacity),
            tail: body["tail"]?.bool ?? false, expires: .now + behaviour.value.logSessionLifetime)
        return [
            "id": .string(id), "logplex_url": .string("\(apiURL)/logs/\(id)"), "created_at": .string(now),
            "updated_at": .string(now),
        ]
    }

    /// nil: there is none, or its time is over.
    func logSession(_ id: String) -> LogSession? {
        guard let session = logSessions[id] else { return nil }
        guard session.expires > .now else {
            logSessions[id] = nil
            return nil
        }
        return session
    }
}

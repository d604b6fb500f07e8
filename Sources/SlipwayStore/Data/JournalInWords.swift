import Foundation
import GRDB

/// The journal up to version 8, whose intents and outcomes were words for people. This takes it to version 9, where both
/// are JSON and a state says how far an effect came.
///
/// Nothing else reads those words. Where a row's are not what they should be, it counts as begun, which is to say that
/// nobody knows what became of it; what it intended is then told as far as it is understood, and matches nothing else. A row
/// of an unknown kind is left out.
enum JournalInWords {
    static func migrate(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE effects RENAME TO effects_in_words;
                CREATE TABLE effects (
                    id INTEGER PRIMARY KEY,
                    job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
                    attempt INTEGER NOT NULL,
                    step TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    state TEXT NOT NULL CHECK (state = 'begun' OR state = 'done' OR state = 'not-done'),
                    intent TEXT NOT NULL, -- JSON, by kind
                    outcome TEXT, -- JSON, by kind and state; NULL: begun, and nobody knows how it ended
                    begun_at INTEGER NOT NULL,
                    ended_at INTEGER
                ) STRICT;
                """)
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM effects_in_words ORDER BY id")
        while let row = try rows.next() {
            let words = Words(kind: row["kind"], nonce: row["nonce"], intent: row["intent"], outcome: row["outcome"])
            guard let effect = words.effect else { continue }
            let begun: Int64 = row["begun_at"]
            let ended: Int64? = row["ended_at"]
            try db.execute(
                sql: """
                    INSERT INTO effects (id, job, attempt, step, kind, state, intent, outcome, begun_at, ended_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    row["id"] as Int64, row["job"] as Int64, row["attempt"] as Int64, row["step"] as String,
                    effect.kind, effect.progress.state, try json(effect.intent),
                    try effect.progress.outcome.map(json), begun,
                    effect.progress.state == "begun" ? nil : ended ?? begun,
                ])
        }
        try db.execute(
            sql: """
                DROP TABLE effects_in_words;
                CREATE INDEX effects_by_job ON effects(job, attempt);
                """)
    }

    private static func json(_ object: [String: Any]) throws -> String {
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try JSONSerialization.data(withJSONObject: object, options: options), as: UTF8.self)
    }
}

/// How far an effect came, as version 9 keeps it.
private enum Progress {
    case begun
    case done([String: Any])
    case notDone(String)

    var state: String {
        switch self {
        case .begun: "begun"
        case .done: "done"
        case .notDone: "not-done"
        }
    }

    var outcome: [String: Any]? {
        switch self {
        case .begun: nil
        case .done(let outcome): outcome
        case .notDone(let reason): ["reason": reason]
        }
    }
}

/// A row of before.
private struct Words {
    var kind: String
    var nonce: String
    var intent: String
    var outcome: String?

    /// nil: of no kind that there was.
    var effect: (kind: String, intent: [String: Any], progress: Progress)? {
        switch kind {
        case "run container":
            let (image, recipe) = lastWord
            return ("test", ["container": nonce, "image": image, "recipe": recipe], progress(testExit))
        case "build image":
            let (tag, recipe) = lastWord
            return (
                "build", ["tag": tag, "recipe": recipe], progress { $0.isDigest ? .done(["id": $0]) : .notDone($0) }
            )
        case "push image":
            return ("push", ["repository": nonce, "image": intent], progress(registryImage))
        case "release formation":
            return ("release", releaseChange, progress(releaseOutcome))
        case "restart dynos":
            let version = intent.words.first?.version
            let instances = version == nil ? [] : Array(intent.words.dropFirst())
            return (
                "restart", ["place": place(nonce), "version": version ?? 0, "instances": instances],
                progress { $0.release(wasAlreadyRunning: true).map(Progress.done) }
            )
        case "scale formation":
            let parts = intent.split(separator: "=").map(String.init)
            let quantity = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
            return (
                "scale", ["place": place(nonce), "type": parts.first ?? "", "quantity": quantity],
                progress { parts.count == 2 && $0 == intent ? .done([:]) : nil }
            )
        case "run dyno": return ("run-one-off", oneOff, progress(oneOffEnd))
        case "follow dyno": return ("follow-one-off", ["marker": nonce, "instance": intent], .done([:]))
        default: return nil
        }
    }

    /// - Parameter known: nil for what it does not understand.
    private func progress(_ known: (String) -> Progress?) -> Progress {
        guard let outcome else { return .begun }
        if let reason = outcome.without("not done: ") { return .notDone(reason) }
        return known(outcome) ?? .begun
    }

    /// All released at that time went to Heroku.
    private func place(_ app: String) -> [String: Any] { ["platform": "heroku", "name": app] }

    /// `elixir:1.9.4 <digest>`
    private var lastWord: (before: String, word: String) {
        guard let space = intent.lastIndex(of: " ") else { return (intent, "") }
        return (String(intent[..<space]), String(intent[intent.index(after: space)...]))
    }

    /// A script that failed has ended, too: its exit status stands in the sentence that the job failed with.
    private func testExit(_ outcome: String) -> Progress {
        if outcome.hasPrefix("the tests ran out of memory (") {
            // What the kernel ends a process with.
            return .done(["code": 137, "out_of_memory": true])
        }
        let end = /(?:.* ended with )?exit status (-?\d+)(?:: a command of it is not in the image)?/
        guard let code = outcome.wholeMatch(of: end).flatMap({ Int($0.1) }) else { return .notDone(outcome) }
        return .done(["code": code, "out_of_memory": false])
    }

    /// One digest or two, or why it failed.
    private func registryImage(_ outcome: String) -> Progress {
        let digests = outcome.words
        guard (1...2).contains(digests.count), digests.allSatisfy(\.isDigest) else { return .notDone(outcome) }
        let manifest = digests.count == 2 ? ["manifest": digests[1]] : [:]
        return .done(["image": digests[0]].merging(manifest) { $1 })
    }

    /// `web=sha256:… release=sha256:… after v7`
    private var releaseChange: [String: Any] {
        let words = intent.words
        let images = words.compactMap { word -> (String, String)? in
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            return parts.count == 2 ? (parts[0], parts[1]) : nil
        }
        guard words.count == images.count + 2, let version = words.last?.version else {
            return ["place": place(nonce), "images": [:] as [String: String], "version_before": 0]
        }
        return [
            "place": place(nonce), "images": Dictionary(images) { $1 }, "version_before": version,
        ]
    }

    /// `v8 <id>`, or that there was none.
    private func releaseOutcome(_ outcome: String) -> Progress? {
        if outcome == "no release: already running" { return .done(["made": NSNull()]) }
        return outcome.release(wasAlreadyRunning: false).map { .done(["made": $0]) }
    }

    /// `attached in my-app: /app/migrate`. Of one that is not understood it is not known that it has run nothing: it counts
    /// as detached.
    private var oneOff: [String: Any] {
        let match = intent.wholeMatch(of: /(attached|detached) in (\S+): (.*)/)
        return [
            "place": place(match.map { String($0.2) } ?? ""), "marker": nonce,
            "way": match.map { String($0.1) } ?? "detached", "command": match.map { String($0.3) } ?? intent,
        ]
    }

    private func oneOffEnd(_ outcome: String) -> Progress? {
        if let reason = outcome.without("not run: ") { return .notDone(reason) }
        if let match = outcome.wholeMatch(of: /(\S+) exited with status (\d+)/), let code = Int(match.2) {
            return .done(["instance": String(match.1), "code": code])
        }
        return outcome.wholeMatch(of: /(\S+): outcome unknown, (.*)/).map { match in
            .done(["instance": String(match.1), "unknown": String(match.2)])
        }
    }
}

extension String {
    fileprivate var words: [String] { split(separator: " ").map(String.init) }

    fileprivate var isDigest: Bool { hasPrefix("sha256:") && !contains(" ") }

    /// Of `v7`.
    fileprivate var version: Int? { hasPrefix("v") ? Int(dropFirst()) : nil }

    fileprivate func without(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }

    /// Of `v8 <id>`.
    fileprivate func release(wasAlreadyRunning: Bool) -> [String: Any]? {
        guard words.count == 2, let version = words[0].version else { return nil }
        return ["id": words[1], "version": version, "was_already_running": wasAlreadyRunning]
    }
}

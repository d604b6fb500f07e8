import Foundation
package import SlipwayBase
package import SlipwayCore

// What tests deliver, plan and release. A test names what it is about, and the rest is the app `shop` and its target
// `production`.

extension CommitID {
    /// Commit `n`: its hexadecimal digits, padded with zeros.
    package static func sample(_ number: Int) -> CommitID {
        let digits = String(number, radix: 16)
        return checked(String(repeating: "0", count: 40 - digits.count) + digits)
    }

    /// One hexadecimal digit forty times: even short it is told from others.
    package static func sample(_ digit: Character) -> CommitID { checked(String(repeating: digit, count: 40)) }

    private static func checked(_ text: String) -> CommitID {
        guard let id = CommitID(text) else { preconditionFailure("\(text) is not a commit's id") }
        return id
    }
}

extension Plan {
    package static func sample(
        _ app: String = "shop", _ target: String? = "production", _ kind: Trigger.Kind = .push,
        ref: String = "refs/heads/main", commit: CommitID? = .sample(1), fresh: Bool = false,
        delivery: String = "guid", by: String? = "ana"
    ) -> Plan {
        Plan(
            app: app, target: target, trigger: Trigger(kind: kind, ref: ref, delivery: delivery, by: by),
            commit: Commit(id: commit, message: "Sell more\n\nMuch more.", author: "Ana"), fresh: fresh)
    }

    /// - Parameter commit: by its number.
    package static func sample(
        _ app: String = "shop", _ target: String? = "production", _ kind: Trigger.Kind = .push,
        ref: String = "refs/heads/main", commit: Int, fresh: Bool = false
    ) -> Plan {
        sample(app, target, kind, ref: ref, commit: .sample(commit), fresh: fresh)
    }

    /// What a person asks for who wants a release again.
    package static func rollback(to release: Release) -> Plan {
        Plan(
            app: release.app, target: release.target, trigger: .rollback(to: release, delivery: "guid", by: "ana"),
            commit: Commit(id: release.commit))
    }
}

extension Delivery {
    /// A push, with a GUID of its own.
    package static func sample(
        _ guid: String = UUID().uuidString, body: String = "{}", receivedAt: Timestamp = .now()
    ) -> Delivery {
        Delivery(
            guid: guid, source: .github, event: "push", headers: [("X-GitHub-Event", "push")],
            body: Array(body.utf8), receivedAt: receivedAt)
    }
}

extension Release {
    package static func sample(
        _ app: String = "shop", _ target: String = "production", job: JobID = 1, commit: CommitID = .sample(1),
        image: String = "sha256:1", manifest: String? = nil, version: Int = 1, since: Timestamp = .now()
    ) -> Release {
        Release(
            app: app, target: target, job: job, commit: commit, image: image, manifest: manifest, version: version,
            since: since)
    }
}

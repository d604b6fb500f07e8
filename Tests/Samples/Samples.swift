import Foundation
package import SlipwayCore
import Testing

/// Commit `n`: its hexadecimal digits, padded with zeros.
package func commit(_ number: Int) throws -> CommitID {
    let digits = String(number, radix: 16)
    return try #require(CommitID(String(repeating: "0", count: 40 - digits.count) + digits))
}

package func plan(
    _ app: String = "shop", _ target: String? = "production", _ kind: Trigger.Kind = .push,
    ref: String = "refs/heads/main", commit number: Int? = 1, fresh: Bool = false, guid: String = "guid"
) throws -> Plan {
    Plan(
        app: app, target: target, trigger: Trigger(kind: kind, ref: ref, delivery: guid, by: "ana"),
        commit: Commit(id: try number.map(commit), message: "Sell more\n\nMuch more.", author: "Ana"), fresh: fresh)
}

package func delivery(_ guid: String = UUID().uuidString, body: String = "{}") -> Delivery {
    Delivery(
        guid: guid, source: .github, event: "push", headers: [("X-GitHub-Event", "push")], body: Array(body.utf8))
}

import Foundation
import SlipwayBase
import SlipwayCore

/// What the job's page shows of its journal and its timings; every value is text, which the template escapes.
struct JournalContext {
    let values: [String: Any]

    init(_ history: JobView.History) {
        var values: [String: Any] = [
            "waited": PageText.duration(history.timings.waited), "entries": history.journal.map(Self.entry),
            "hasEntries": !history.journal.isEmpty,
        ]
        values["waitedFor"] = history.timings.waitedFor.map { $0.singleLine(limit: 300) }
        values["took"] = history.timings.took.map(PageText.duration)
        self.values = values
    }

    private static func entry(_ entry: JournalEntry) -> [String: Any] {
        var values: [String: Any] = [
            "step": entry.step.rawValue, "kind": entry.effect.kind.rawValue, "effectState": entry.effect.state.rawValue,
            "begun": JobContext.time(entry.begunAt), "intent": facts(entry.effect.intent),
        ]
        values["effectTook"] = entry.endedAt.map { PageText.duration(entry.begunAt.duration(to: $0)) }
        values["outcome"] = entry.effect.outcome.map(facts)
        return values
    }

    /// The fields of what the journal keeps, each with its path: `place.name`.
    private static func facts(_ value: any Encodable) -> [[String: String]] {
        guard let json = try? JSONEncoder().encode(value), let object = try? JSONSerialization.jsonObject(with: json)
        else { return [] }
        return facts(object, at: "")
    }

    private static func facts(_ value: Any, at path: String) -> [[String: String]] {
        switch value {
        case let object as [String: Any]:
            object.sorted { $0.key < $1.key }.flatMap { facts($1, at: path.isEmpty ? $0 : "\(path).\($0)") }
        case let list as [Any]: [fact(path, list.map { "\($0)" }.joined(separator: ", "))]
        case is NSNull: [fact(path, "none")]
        case let truth as Bool where "\(truth)" == "\(value)": [fact(path, truth ? "yes" : "no")]
        default: [fact(path, "\(value)")]
        }
    }

    private static func fact(_ path: String, _ text: String) -> [String: String] {
        ["path": path, "text": text.singleLine(limit: 500)]
    }
}

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
        guard let json = try? JSONEncoder().encode(value), let kept = try? JSONDecoder().decode(Kept.self, from: json)
        else { return [] }
        return facts(kept, at: "")
    }

    private static func facts(_ value: Kept, at path: String) -> [[String: String]] {
        guard case .object(let fields) = value else {
            return [["path": path, "text": value.text.singleLine(limit: 500)]]
        }
        return fields.sorted { $0.key < $1.key }.flatMap { facts($1, at: path.isEmpty ? $0 : "\(path).\($0)") }
    }
}

/// A value of what the journal keeps, which is JSON.
private enum Kept: Decodable {
    case nothing
    case truth(Bool)
    case number(Int)
    case text(String)
    case list([Kept])
    case object([String: Kept])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        self =
            if value.decodeNil() {
                .nothing
            } else if let truth = try? value.decode(Bool.self) {
                .truth(truth)
            } else if let number = try? value.decode(Int.self) {
                .number(number)
            } else if let text = try? value.decode(String.self) {
                .text(text)
            } else if let list = try? value.decode([Kept].self) {
                .list(list)
            } else {
                .object(try value.decode([String: Kept].self))
            }
    }

    var text: String {
        switch self {
        case .nothing: "none"
        case .truth(let truth): truth ? "yes" : "no"
        case .number(let number): String(number)
        case .text(let text): text
        case .list(let list): list.isEmpty ? "none" : list.map(\.text).joined(separator: ", ")
        case .object(let fields):
            fields.sorted { $0.key < $1.key }.map { "\($0) \($1.text)" }.joined(separator: ", ")
        }
    }
}

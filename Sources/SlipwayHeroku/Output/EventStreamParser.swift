/// Reads server-sent events (WHATWG HTML, section 9.2.6) as far as logs use them: `id` and `data`.
struct EventStreamParser: Sendable {
    struct Event: Sendable, Equatable {
        var id: String?
        var data: String
    }

    private var lines = LineSplitter(longest: 1_048_576)
    private var data: [String] = []
    private(set) var lastID: String?

    mutating func take(_ chunk: [UInt8]) -> [Event] {
        var events: [Event] = []
        for line in lines.take(chunk) {
            if line.isEmpty {
                if !data.isEmpty { events.append(Event(id: lastID, data: data.joined(separator: "\n"))) }
                data = []
                continue
            }
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            var value = parts.count > 1 ? parts[1] : ""
            if value.first == " " { value.removeFirst() }
            switch parts[0] {
            case "data": data.append(String(value))
            case "id" where !value.contains("\0"): lastID = String(value)
            default: break
            }
        }
        return events
    }
}

import SlipwayCore
import SlipwayHTTP

/// The names that `server.limits` knows, each a field of `HTTPLimits`.
enum ServerLimits {
    enum Field: Sendable {
        case count(any WritableKeyPath<HTTPLimits, Int> & Sendable, atLeast: Int)
        case time(any WritableKeyPath<HTTPLimits, Duration> & Sendable)
    }

    static let fields: [(name: String, field: Field)] = [
        ("request_line_bytes", .count(\.requestLineBytes, atLeast: 256)),
        ("header_bytes", .count(\.headerBytes, atLeast: 1024)),
        ("header_fields", .count(\.headerFields, atLeast: 16)),
        ("connections", .count(\.connections, atLeast: 1)),
        ("header_time", .time(\.headerTime)),
        ("idle_time", .time(\.idleTime)),
        ("body_time", .time(\.bodyTime)),
        ("write_time", .time(\.writeTime)),
        ("stop_time", .time(\.stopTime)),
    ]

    /// - Parameter values: as the configuration holds them, times in seconds.
    static func limits(_ values: [String: Int]) -> HTTPLimits {
        var limits = HTTPLimits()
        for (name, field) in fields {
            guard let value = values[name] else { continue }
            switch field {
            case .count(let path, _): limits[keyPath: path] = value
            case .time(let path): limits[keyPath: path] = .seconds(value)
            }
        }
        return limits
    }
}

extension Section {
    /// Times are written as durations, `20s`.
    var serverLimits: [String: Int] {
        var values: [String: Int] = [:]
        for (name, field) in ServerLimits.fields {
            switch field {
            case .count(_, let least): values[name] = self[name]?.integer(in: least...Int(Int32.max))
            case .time: values[name] = self[name]?.duration().map { Int($0.components.seconds) }
            }
        }
        return values
    }
}

/// How a server's life ends before its work does.
enum Death: Sendable, CustomStringConvertible {
    /// At a point of its journal, by its name.
    case at(String)
    /// At the nth point since its start.
    case atPoint(Int)
    /// So long after its start.
    case after(Duration)

    var description: String {
        switch self {
        case .at(let point): point
        case .atPoint(let number): "point \(number) of its life"
        case .after(let time): "\(time) after its start"
        }
    }

    /// What the server reads it from.
    var environment: [String: String] {
        switch self {
        case .at(let point): ["SLIPWAY_KILL_AT": point]
        case .atPoint(let number): ["SLIPWAY_KILL_AT": String(number)]
        case .after: [:]
        }
    }

    /// - Parameter passed: the points that it has passed.
    func hasCome(_ passed: [String]) -> Bool {
        switch self {
        case .at(let point): passed.last == point
        case .atPoint(let number): passed.count >= number
        case .after: false
        }
    }
}

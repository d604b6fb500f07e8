/// A key under `server.limits` that is not known, or a value that makes no sense.
package enum HTTPLimitError: Error, Sendable, Equatable, CustomStringConvertible {
    /// With all the names there are.
    case unknown(String, known: [String])
    case notPositive(String)

    package var description: String {
        switch self {
        case .unknown(let name, let known): "there is no limit \(name); there are \(known.joined(separator: ", "))"
        case .notPositive(let name): "\(name) must be at least 1"
        }
    }
}

extension HTTPLimits {
    /// The limits under their names in the configuration, in the order of the documentation.
    package static let names = table.map(\.name)

    /// - Parameter values: by name, in the unit that the name says; what is missing keeps its default.
    package static func named(_ values: [String: Int]) throws(HTTPLimitError) -> HTTPLimits {
        var limits = HTTPLimits()
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let entry = table.first(where: { $0.name == name }) else { throw .unknown(name, known: names) }
            guard value > 0 else { throw .notPositive(name) }
            entry.set(&limits, value)
        }
        return limits
    }

    private typealias Entry = (name: String, set: @Sendable (inout HTTPLimits, Int) -> Void)

    private static let table: [Entry] = [
        ("request_line_bytes", { $0.requestLineBytes = $1 }),
        ("header_bytes", { $0.headerBytes = $1 }),
        ("header_fields", { $0.headerFields = $1 }),
        ("connections", { $0.connections = $1 }),
        ("connections_per_address", { $0.connectionsPerAddress = $1 }),
        ("first_byte_seconds", { $0.firstByteTime = .seconds($1) }),
        ("header_seconds", { $0.headerTime = .seconds($1) }),
        ("idle_seconds", { $0.idleTime = .seconds($1) }),
        ("pipelined_requests", { $0.pipelinedRequests = $1 }),
        ("body_seconds", { $0.bodyTime = .seconds($1) }),
        ("body_total_seconds", { $0.bodyTotalTime = .seconds($1) }),
        ("body_bytes_per_second", { $0.bodyBytesPerSecond = $1 }),
        ("body_budget_bytes", { $0.bodyBudgetBytes = $1 }),
        ("body_memory_bytes", { $0.bodyMemoryBytes = $1 }),
        ("delivery_body_bytes", { $0.bodies.deliveryBytes = $1 }),
        ("form_body_bytes", { $0.bodies.formBytes = $1 }),
        ("write_seconds", { $0.writeTime = .seconds($1) }),
        ("stop_seconds", { $0.stopTime = .seconds($1) }),
    ]
}

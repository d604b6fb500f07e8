/// One command, run once in an instance of its own at a place.
package struct OneOffRun: Sendable, Hashable, Codable {
    package var place: Place
    /// A part of the command as it is run, by which its instance and its end are found.
    package var marker: String
    package var way: Way
    /// As the configuration has it, on one line; a long one is cut.
    package var command: String

    package init(place: Place, marker: String, way: Way, command: String) {
        self.place = place
        self.marker = marker
        self.way = way
        self.command = command
    }

    package enum Way: String, Sendable, Hashable, Codable {
        /// The command waits for somebody to attach to it.
        case attached
        /// The command runs as soon as its instance does.
        case detached
    }
}

/// Where a one-off runs, once it is known.
package struct OneOffFollow: Sendable, Hashable, Codable {
    /// Of its `OneOffRun`.
    package var marker: String
    /// The platform's name of what runs it.
    package var instance: String

    package init(marker: String, instance: String) {
        self.marker = marker
        self.instance = instance
    }
}

/// How a one-off ended that may have run.
package enum OneOffEnd: Sendable, Hashable {
    case exited(code: Int, instance: String)
    /// It may have run, in part or whole.
    case unknown(reason: String, instance: String)
}

/// `{"instance": …, "code": 0}`, or `{"instance": …, "unknown": …}` with the reason.
extension OneOffEnd: Codable {
    private enum CodingKeys: String, CodingKey {
        case instance, code, unknown
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .exited(let code, let instance):
            try fields.encode(instance, forKey: .instance)
            try fields.encode(code, forKey: .code)
        case .unknown(let reason, let instance):
            try fields.encode(instance, forKey: .instance)
            try fields.encode(reason, forKey: .unknown)
        }
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let instance = try fields.decode(String.self, forKey: .instance)
        self =
            if let reason = try fields.decodeIfPresent(String.self, forKey: .unknown) {
                .unknown(reason: reason, instance: instance)
            } else {
                .exited(code: try fields.decode(Int.self, forKey: .code), instance: instance)
            }
    }
}

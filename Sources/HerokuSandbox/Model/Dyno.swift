import SlipwayBase

/// One container of an app, as the API shows it.
struct Dyno: Sendable {
    enum State: String, Sendable {
        case starting, up, crashed, down, idle
    }

    let id = makeIdentifier()
    var name: String
    var type: String
    /// A dyno of the formation is replaced by releases and restarts; a one-off and a release phase run to their end.
    var isOneOff: Bool
    var command: String
    var size: String
    var state: State = .starting
    var releaseID: String
    var version: Int
    /// Where a web dyno must listen, on the loopback address.
    var port: Int
    /// Whoever wants the one-off's bytes shows this.
    var attachSecret: String?
    var createdAt = Timestamp.now()
    var updatedAt = Timestamp.now()

    /// The container's name: the dyno's own is used again by its successor while it still runs.
    var container: String { "slipway-dyno-\(id)" }

    /// - Parameter attachURL: only the answer to the request that made it shows that URL.
    func json(of app: SandboxApp, attachURL: String?) -> JSON {
        [
            "attach_url": .optional(attachURL), "command": .string(command), "created_at": .string(createdAt.apiText),
            "id": .string(id), "name": .string(name), "app": app.reference, "size": .string(size),
            "release": ["id": .string(releaseID), "version": .integer(version)],
            "state": .string(state.rawValue), "type": .string(type), "updated_at": .string(updatedAt.apiText),
        ]
    }
}

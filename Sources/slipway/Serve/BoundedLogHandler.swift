import Logging
import SlipwayNet
import Synchronization

/// For lines that anybody on the network can cause: a minute has so many of them, and one client so many of those.
/// How many were left out is said when the minute is over.
struct BoundedLogHandler: LogHandler {
    /// What one client has of a minute: who tries a few wrong ways to set up a webhook sees each of them.
    static let mostOfOneClient = 10
    static let most = 60

    /// Who caused it.
    static let addressKey = "address"

    private var next: LineLogHandler
    private let minute: Minute

    /// - Parameter pause: sleeps for the minute.
    init(
        _ next: LineLogHandler,
        pause: @escaping @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(60)) }
    ) {
        self.next = next
        minute = Minute(pause: pause)
    }

    var metadata: Logger.Metadata {
        get { next.metadata }
        set { next.metadata = newValue }
    }

    var logLevel: Logger.Level {
        get { next.logLevel }
        set { next.logLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { next[metadataKey: key] }
        set { next[metadataKey: key] = newValue }
    }

    /// Whether a minute has begun that is not over.
    var isCounting: Bool { minute.isRunning }

    func log(event: LogEvent) {
        let client = ClientNetwork(event.metadata?[Self.addressKey]?.description ?? "")
        guard minute.admits(client, whenOver: sayLeftOut) else { return }
        next.log(event: event)
    }

    private func sayLeftOut(_ count: Int) {
        let message: Logger.Message = "lines like those above were left out, to keep the log small"
        next.log(
            event: LogEvent(
                level: .warning, message: message, metadata: ["count": "\(count)"], source: "slipway", file: #fileID,
                function: #function, line: #line))
    }

    /// Shared by all copies of a handler.
    private final class Minute: Sendable {
        private struct State {
            var isRunning = false
            var written = 0
            var writtenByClient: [ClientNetwork: Int] = [:]
            var leftOut = 0
        }

        private let state = Mutex(State())
        private let pause: @Sendable () async -> Void

        init(pause: @escaping @Sendable () async -> Void) {
            self.pause = pause
        }

        var isRunning: Bool { state.withLock { $0.isRunning } }

        func admits(_ client: ClientNetwork, whenOver: @escaping @Sendable (_ leftOut: Int) -> Void) -> Bool {
            let (isAdmitted, begins) = state.withLock { state in
                let begins = !state.isRunning
                state.isRunning = true
                let ofClient = state.writtenByClient[client, default: 0]
                guard state.written < BoundedLogHandler.most, ofClient < BoundedLogHandler.mostOfOneClient else {
                    state.leftOut += 1
                    return (false, begins)
                }
                state.written += 1
                state.writtenByClient[client] = ofClient + 1
                return (true, begins)
            }
            if begins {
                Task {
                    await pause()
                    let leftOut = state.withLock { state in
                        defer { state = State() }
                        return state.leftOut
                    }
                    if leftOut > 0 { whenOver(leftOut) }
                }
            }
            return isAdmitted
        }
    }
}

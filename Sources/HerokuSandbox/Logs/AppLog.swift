import SlipwayBase
import Synchronization

/// The latest lines of an app's log, and those who follow it.
final class AppLog: Sendable {
    private struct State {
        var lines: [LogLine] = []
        var count = 0
        var nextFollower = 0
        var followers: [Int: AsyncStream<LogLine>.Continuation] = [:]
    }

    /// As many as Heroku keeps.
    static let capacity = 1500

    /// Written by dynos and by the platform at once.
    private let state = Mutex(State())

    func append(_ source: String, _ dyno: String, _ message: String) {
        state.withLock { state in
            let line = LogLine(
                number: state.count, time: .now(), source: source, dyno: dyno, message: message)
            state.count += 1
            if state.lines.count == Self.capacity { state.lines.removeFirst() }
            state.lines.append(line)
            for follower in state.followers.values { follower.yield(line) }
        }
    }

    var lines: [LogLine] { state.withLock(\.lines) }

    /// The last lines, and everything after them as it comes.
    func follow(last count: Int) -> (backlog: [LogLine], stream: AsyncStream<LogLine>) {
        let (stream, continuation) = AsyncStream.makeStream(of: LogLine.self)
        let backlog = state.withLock { state in
            state.nextFollower += 1
            let key = state.nextFollower
            state.followers[key] = continuation
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { $0.followers[key] = nil }
            }
            return Array(state.lines.suffix(count))
        }
        return (backlog, stream)
    }
}

import Dispatch
import SlipwayBase
import Synchronization

/// Writes the log's lines on a queue of its own, those that wait in one go: requests are answered on loops that many
/// connections share, and none of them waits for whoever reads the log.
///
/// Where nobody reads it lines are left out, and how many is said when it goes on.
final class LogWriter: Sendable {
    /// Of lines that wait: some 20,000 of the usual length.
    static let mostBytes = 4 << 20

    private struct State {
        var waiting: [String] = []
        var bytes = 0
        var leftOut = 0
        var isWriting = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "slipway.log")
    private let output: @Sendable (String) -> Void

    /// - Parameter output: writes one text of one or more lines, without the last newline; it may block.
    init(output: @escaping @Sendable (String) -> Void = Terminal.printError) {
        self.output = output
    }

    @Sendable func write(_ line: String) {
        let begins = state.withLock { state in
            guard state.bytes + line.utf8.count <= Self.mostBytes else {
                state.leftOut += 1
                return false
            }
            state.waiting.append(line)
            state.bytes += line.utf8.count
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if begins { queue.async { @Sendable in self.drain() } }
    }

    private func drain() {
        while let text = next() { output(text) }
    }

    private func next() -> String? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            if state.leftOut > 0 { state.waiting.append(Self.notice(of: state.leftOut)) }
            defer { state = State(isWriting: true) }
            return state.waiting.joined(separator: "\n")
        }
    }

    private static func notice(of count: Int) -> String {
        "time=\(Timestamp.now()) level=warning "
            + "msg=\"lines were left out here: whoever reads the log did not keep up\" count=\(count)"
    }

    /// Waits until what was given is written, for as long as somebody may be reading: the process is about to end.
    func finish() {
        let isDone = DispatchSemaphore(value: 0)
        queue.async { @Sendable in isDone.signal() }
        _ = isDone.wait(timeout: .now() + .seconds(2))
    }
}

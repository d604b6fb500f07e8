import Synchronization

/// Which requests the API has answered, and how.
package final class CallList: Sendable {
    package struct Call: Sendable, Hashable {
        package var method: String
        package var path: String
        package var status: Int
    }

    /// Appended to by every request.
    private let calls = Mutex<[Call]>([])
    private static let capacity = 10_000

    func append(_ call: Call) {
        calls.withLock { calls in
            if calls.count == Self.capacity { calls.removeFirst(Self.capacity / 10) }
            calls.append(call)
        }
    }

    package var all: [Call] { calls.withLock { $0 } }
}

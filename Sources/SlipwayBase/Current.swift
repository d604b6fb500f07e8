import Synchronization

/// A value that a reload replaces while others read it; each reader sees the old one or the new one, whole.
package final class Current<Value: Sendable>: Sendable {
    private let storage: Mutex<(value: Value, generation: UInt64)>

    package init(_ value: Value) {
        storage = Mutex((value, 0))
    }

    package var value: Value {
        get { storage.withLock { $0.value } }
        set { storage.withLock { $0 = (newValue, $0.generation + 1) } }
    }

    /// Another number after each replacement.
    package var generation: UInt64 { storage.withLock { $0.generation } }
}

import Synchronization

/// A value that a reload replaces while others read it; each reader sees the old one or the new one, whole.
package final class Current<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>
    private let replacements = Atomic<UInt64>(0)

    package init(_ value: Value) {
        storage = Mutex(value)
    }

    package var value: Value {
        get { storage.withLock { $0 } }
        set {
            storage.withLock { $0 = newValue }
            replacements.wrappingAdd(1, ordering: .releasing)
        }
    }

    /// Another number after each replacement. Who takes it before the value has that value or a newer one.
    package var generation: UInt64 { replacements.load(ordering: .acquiring) }
}

/// What is made of a current value, once for each replacement of it.
package final class Derived<Value: Sendable, Result: Sendable>: Sendable {
    private let source: Current<Value>
    private let make: @Sendable (Value) -> Result
    private let made: Mutex<(result: Result, generation: UInt64)>

    package init(_ source: Current<Value>, _ make: @escaping @Sendable (Value) -> Result) {
        self.source = source
        self.make = make
        let generation = source.generation
        made = Mutex((make(source.value), generation))
    }

    package var value: Result {
        let generation = source.generation
        return made.withLock { made in
            if made.generation != generation { made = (make(source.value), generation) }
            return made.result
        }
    }
}

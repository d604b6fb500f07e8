import SlipwayHTTP
import Synchronization

/// The faults that are still to happen, in the order they were asked for.
package final class Faults: Sendable {
    /// Taken from by every request.
    private let pending = Mutex<[Fault]>([])

    package func add(_ fault: Fault) {
        pending.withLock { $0.append(fault) }
    }

    package func removeAll() {
        pending.withLock { $0.removeAll() }
    }

    package var all: [Fault] { pending.withLock { $0 } }

    /// The fault that this request meets; one less of it is left.
    func take(_ method: HTTPMethod, _ path: String) -> Fault.Kind? {
        pending.withLock { pending in
            guard let index = pending.firstIndex(where: { $0.matches(method, path) }) else { return nil }
            let kind = pending[index].kind
            pending[index].times -= 1
            if pending[index].times <= 0 { pending.remove(at: index) }
            return kind
        }
    }
}

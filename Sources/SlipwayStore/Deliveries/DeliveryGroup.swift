import SlipwayCore
import Synchronization

/// Deliveries that wait for the writer; those that arrive while it is busy share the next commit.
final class DeliveryGroup: Sendable {
    struct Entry: Sendable {
        var delivery: Delivery
        var decision: Decision
        var repository: Repository?
        var checksum: UInt32
        var answer: CheckedContinuation<Receipt, any Error>
    }

    /// So many, or so many bytes of bodies, share a commit at most: whoever waits for it waits for all of them.
    static let mostEntries = 64
    static let mostBytes = 32 << 20

    private let entries = Mutex<[Entry]>([])

    /// - Returns: true when nobody is on the way to take it.
    func add(_ entry: Entry) -> Bool {
        entries.withLock { entries in
            entries.append(entry)
            return entries.count == 1
        }
    }

    /// - Returns: the oldest entries, at least one if there is one, and whether others remain.
    func take() -> (group: [Entry], remain: Bool) {
        entries.withLock { entries in
            var count = 0
            var bytes = 0
            while count < min(entries.count, Self.mostEntries) {
                bytes += entries[count].delivery.body.count
                guard bytes <= Self.mostBytes || count == 0 else { break }
                count += 1
            }
            let group = Array(entries.prefix(count))
            entries.removeFirst(count)
            return (group, !entries.isEmpty)
        }
    }
}

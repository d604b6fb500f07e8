import SlipwayCore
import Synchronization

/// Bodies that end with the process, for a database that does.
final class BodiesInMemory: Bodies {
    private let bytes = Mutex<[UInt8]>([])

    func beginGroup() -> Int { end }

    func append(_ body: any DeliveryBody, checksum: UInt32) throws -> BodyPlace {
        try bytes.withLock { bytes in
            let place = BodyPlace(segment: 1, offset: bytes.count, length: body.count, checksum: checksum)
            try body.withBytes { bytes.append(contentsOf: $0) }
            return place
        }
    }

    var end: Int { bytes.withLock(\.count) }

    func rewind(to end: Int) {
        bytes.withLock { $0.removeSubrange(end...) }
    }

    func sync() {}

    func read(_ place: BodyPlace, delivery: String) throws(StoreError) -> [UInt8] {
        let body = bytes.withLock {
            Array($0[min(place.offset, $0.count)..<min(place.offset + place.length, $0.count)])
        }
        guard place.matches(body) else { throw .damagedBody(delivery: delivery, path: "memory") }
        return body
    }

    /// There is one segment, and it is the newest.
    func removeSegments(before segment: Int?) {}
}

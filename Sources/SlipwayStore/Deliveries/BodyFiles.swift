import SlipwayCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// The bodies of deliveries, one after the other in files that only grow.
///
/// A body in the database would be written twice, to the log and again at a checkpoint; here it is written once, and
/// a whole group of bodies reaches the disk by one `fdatasync`. The database's rows say where each body is, and bytes
/// that no row speaks of do not exist: they are written over.
final class BodyFiles: Bodies {
    /// Past this size the next group begins a new file, so that old ones can be removed whole.
    static let fullSegment = 64 << 20

    private struct State {
        var segment: Int
        var end: Int
        var file: File?
        var hasUnsynced = false
    }

    private let folder: String
    private let state: Mutex<State>

    /// - Parameters:
    ///   - segment: the newest file that a row speaks of.
    ///   - end: where its last body ends.
    init(folder: String, segment: Int, end: Int) throws(StoreError) {
        try DataFolder.make(folder)
        self.folder = folder
        state = Mutex(State(segment: segment, end: end))
    }

    func beginGroup() throws(StoreError) -> Int {
        try state.withLock { state throws(StoreError) in
            if state.end >= Self.fullSegment {
                state.file = nil
                state.segment += 1
                state.end = 0
            }
            if state.file == nil { try openFile(&state) }
            return state.end
        }
    }

    func append(_ body: any DeliveryBody, checksum: UInt32) throws -> BodyPlace {
        try state.withLock { state in
            let place = BodyPlace(segment: state.segment, offset: state.end, length: body.count, checksum: checksum)
            guard body.count > 0, let file = state.file else { return place }
            try body.withBytes { try file.write($0, at: state.end) }
            state.end += body.count
            state.hasUnsynced = true
            return place
        }
    }

    var end: Int { state.withLock { $0.end } }

    func rewind(to end: Int) {
        state.withLock { $0.end = end }
    }

    func sync() throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            guard state.hasUnsynced else { return }
            try state.file?.sync()
            state.hasUnsynced = false
        }
    }

    func read(_ place: BodyPlace, delivery: String) throws(StoreError) -> [UInt8] {
        guard place.length > 0 else { return [] }
        let path = path(place.segment)
        let body = try File(path, .reading).read(place.length, at: place.offset)
        guard place.matches(body) else { throw .damagedBody(delivery: delivery, path: path) }
        return body
    }

    func removeSegments(before segment: Int?) throws(StoreError) {
        let first = min(segment ?? .max, state.withLock { $0.segment })
        for number in stride(from: first - 1, to: 0, by: -1) {
            // Older ones are gone already.
            guard unlink(path(number)) == 0 else { return }
        }
    }

    private func openFile(_ state: inout State) throws(StoreError) {
        var file = try File(path(state.segment), .writing)
        if try file.size() < state.end {
            // Bodies are gone that rows speak of (a copy that was cut short): do not write into the hole.
            state.segment += 1
            state.end = 0
            file = try File(path(state.segment), .writing)
        }
        try file.truncate(to: state.end)
        try DataFolder.sync(folder)
        state.file = file
    }

    private func path(_ segment: Int) -> String {
        let digits = String(segment)
        return folder + "/" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".bodies"
    }
}

import SlipwayCore

/// The bodies of deliveries, apart from the rows that speak of them.
///
/// Appending is the writer's alone; anybody may read.
protocol Bodies: Sendable {
    /// Call before a group: within one, `rewind` must find the segment it came from.
    /// - Returns: `end`.
    func beginGroup() throws(StoreError) -> Int
    func append(_ body: any DeliveryBody, checksum: UInt32) throws -> BodyPlace
    /// Where the newest segment ends.
    var end: Int { get }
    /// Forgets what was appended past a place, because its rows were rolled back.
    func rewind(to end: Int)
    /// Puts everything appended where it lasts; before the commit of the rows that speak of it.
    func sync() throws(StoreError)
    /// - Throws: `damagedBody` where it is not what was appended.
    func read(_ place: BodyPlace, delivery: String) throws(StoreError) -> [UInt8]
    /// Removes the segments in which no row speaks of a body any more.
    /// - Parameter segment: the oldest that one speaks of; nil: none does.
    func removeSegments(before segment: Int?) throws(StoreError)
}

/// Where a body is, in bytes, and its CRC-32.
struct BodyPlace: Sendable, Equatable {
    var segment: Int
    var offset: Int
    var length: Int
    var checksum: UInt32

    func matches(_ body: [UInt8]) -> Bool { body.count == length && CRC32.checksum(body) == checksum }
}

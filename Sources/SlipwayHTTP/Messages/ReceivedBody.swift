import SlipwayNet

/// A body that has arrived whole: in memory, or where it is large in a file that has no name and ends with it.
package struct ReceivedBody: Sendable {
    package private(set) var count = 0
    private var memory: [UInt8] = []
    private var file: UnnamedFile?
    private let room: BodyRoom
    private let share: BodyBudget.Share?

    init(in room: BodyRoom) {
        self.room = room
        share = room.budget?.share(of: room.client, giveWay: room.giveWay)
    }

    mutating func append(_ piece: [UInt8]) throws(HTTPError) {
        try share?.take(piece.count)
        if file == nil, count + piece.count > room.memoryBytes {
            file = try UnnamedFile(in: room.folder)
            try file?.append(memory)
            memory = []
        }
        count += piece.count
        if let file {
            try file.append(piece)
        } else if memory.isEmpty {
            memory = piece
        } else {
            memory += piece
        }
    }

    /// - Throws: `HTTPError` where others have needed its room.
    func complete() throws(HTTPError) { try share?.complete() }

    /// - Throws: what `read` throws, or `HTTPError` for a file that cannot be read.
    package func withBytes<Result>(_ read: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        guard let file else { return try memory.withUnsafeBytes(read) }
        return try file.withBytes(count, read)
    }
}

/// Where bodies are kept while they arrive.
struct BodyRoom: Sendable {
    /// nil: unbounded, for requests that never were on a connection.
    var budget: BodyBudget?
    var client = ClientNetwork("")
    /// Called when the budget has given the body's room to others.
    var giveWay: @Sendable () -> Void = {}
    var memoryBytes = Int.max
    var folder = "/tmp"
    var limits = BodyLimits()
}

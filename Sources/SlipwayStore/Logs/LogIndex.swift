import SlipwayCore

/// Which bytes of which step came when: the order in which a job's output is one text.
///
/// A file of fixed records, so that an offset in the job's text is found by halving. Output of one step that follows
/// on itself is one record, however many lines it has.
struct LogIndex {
    struct Record: Equatable {
        static let size = 24

        /// The first byte's place in the job's text.
        var start: Int
        var step: Step.Name
        /// The first byte's place in the step's text.
        var offset: Int
        var length: Int
        /// The lines are Slipway's own. Logs of before that was told have none.
        var isOwn = false
    }

    /// A record's length is 32 bits on disk.
    private static let longest = Int(UInt32.max / 2)

    private let file: File
    private var last: Record?
    private(set) var count = 0

    var total: Int { last.map { $0.start + $0.length } ?? 0 }

    /// - Parameter sizes: what each step's file holds. Records are cut to it, bytes without a record get one at the
    ///   end: the server stopped between writing the one and the other.
    init(_ path: String, sizes: [Step.Name: Int]) throws(StoreError) {
        file = try File(path, .writing)
        let bytes = try file.read(try file.size(), at: 0)
        var stored: [Record] = []
        for position in stride(from: 0, to: bytes.count - Record.size + 1, by: Record.size) {
            guard let record = Record(bytes[position..<position + Record.size]) else { break }
            stored.append(record)
        }
        let records = Self.repair(stored, sizes)
        let intact = zip(records, stored).prefix { $0 == $1 }.count
        if intact < records.count || bytes.count != records.count * Record.size {
            try file.truncate(to: intact * Record.size)
            try file.write(records[intact...].flatMap(\.bytes), at: intact * Record.size)
        }
        count = records.count
        last = records.last
    }

    private static func repair(_ stored: [Record], _ sizes: [Step.Name: Int]) -> [Record] {
        var records: [Record] = []
        var total = 0
        var indexed: [Step.Name: Int] = [:]
        for var record in stored {
            let offset = indexed[record.step] ?? 0
            record.start = total
            record.length = min(record.length, (sizes[record.step] ?? 0) - offset)
            guard record.offset == offset, record.length > 0 else { continue }
            records.append(record)
            total += record.length
            indexed[record.step] = offset + record.length
        }
        for step in Step.Name.allCases {
            let offset = indexed[step] ?? 0
            let length = (sizes[step] ?? 0) - offset
            guard length > 0 else { continue }
            records.append(Record(start: total, step: step, offset: offset, length: length))
            total += length
        }
        return records
    }

    /// - Parameter offset: where the step's text ended before these bytes.
    mutating func append(_ step: Step.Name, offset: Int, length: Int, isOwn: Bool) throws(StoreError) {
        if let last, last.step == step, last.isOwn == isOwn, last.length + length <= Self.longest {
            var record = last
            record.length += length
            try file.write(record.bytes, at: (count - 1) * Record.size)
            self.last = record
        } else {
            let record = Record(start: total, step: step, offset: offset, length: length, isOwn: isOwn)
            try file.write(record.bytes, at: count * Record.size)
            last = record
            count += 1
        }
    }

    /// The record that holds a byte of the job's text, by its number.
    func position(of offset: Int) throws(StoreError) -> Int {
        var low = 0
        var high = count
        while high - low > 1 {
            let middle = (low + high) / 2
            if try self[middle].start <= offset { low = middle } else { high = middle }
        }
        return low
    }

    subscript(_ position: Int) -> Record {
        get throws(StoreError) {
            if position == count - 1, let last { return last }
            let bytes = try file.read(Record.size, at: position * Record.size)
            guard bytes.count == Record.size, let record = Record(bytes[...]) else {
                throw .unreadable(table: file.path, column: "record", value: "\(position)")
            }
            return record
        }
    }
}

extension LogIndex.Record {
    /// Little-endian: start (8), offset (8), length (4), step (1), 1 for lines of our own (1), nothing (2).
    init?(_ bytes: ArraySlice<UInt8>) {
        func number(_ range: Range<Int>) -> UInt64 {
            bytes.dropFirst(range.lowerBound).prefix(range.count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard let step = Step.Name.allCases.first(where: { UInt64($0.logNumber) == number(20..<21) }),
            let start = Int(exactly: number(0..<8)), let offset = Int(exactly: number(8..<16))
        else { return nil }
        self.init(
            start: start, step: step, offset: offset, length: Int(number(16..<20)), isOwn: number(21..<22) == 1)
    }

    var bytes: [UInt8] {
        func little(_ number: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        }
        return little(start, 8) + little(offset, 8) + little(length, 4)
            + little(Int(step.logNumber), 1) + little(isOwn ? 1 : 0, 3)
    }
}

extension Step.Name {
    /// On disk, so it stays as it is when a step is added before another.
    fileprivate var logNumber: UInt8 {
        switch self {
        case .checkout: 1
        case .test: 2
        case .build: 3
        case .push: 4
        case .migrate: 5
        case .release: 6
        case .verify: 7
        }
    }
}

import SlipwayCore

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// The open files of one job's log: a folder with a file a step and the index of their order.
struct JobLog {
    private let folder: String
    private var files: [Step.Name: File] = [:]
    private var sizes: [Step.Name: Int] = [:]
    /// What is left out of a step's text.
    private var holes: [Step.Name: LogHole] = [:]
    private var index: LogIndex
    private let bound: Int

    /// - Returns: nil when the job has no log and none is to be made.
    init?(folder: String, bound: Int, makes: Bool) throws(StoreError) {
        self.folder = folder
        self.bound = bound
        if access(folder, F_OK) != 0 {
            guard makes else { return nil }
            try DataFolder.make(folder)
        }
        for step in Step.Name.allCases where access(Self.path(folder, step), F_OK) == 0 {
            let file = try File(Self.path(folder, step), .writing)
            files[step] = file
            let size = try Self.cutTornLine(file)
            sizes[step] = size
            holes[step] = try LogHole(beside: Self.path(folder, step), size: size)
        }
        index = try LogIndex(folder + "/index", sizes: sizes)
    }

    func size(_ step: Step.Name?) -> Int {
        guard let step else { return index.total }
        return sizes[step] ?? 0
    }

    /// All of it or nothing.
    mutating func append(_ lines: [UInt8], step: Step.Name, isOwn: Bool) throws(StoreError) {
        let file: File
        if let open = files[step] {
            file = open
        } else {
            file = try File(Self.path(folder, step), .writing)
            files[step] = file
        }
        let offset = sizes[step] ?? 0
        // Lines of ours are few, and one of them says what is wrong where no room can be made.
        if !isOwn { try makeRoom(for: lines.count, in: file, step) }
        do {
            try file.write(lines, at: offset)
            try index.append(step, offset: offset, length: lines.count, isOwn: isOwn)
        } catch {
            // What was written of it stands behind the end, and the next write goes over it.
            try? file.truncate(to: offset)
            throw error
        }
        sizes[step] = offset + lines.count
    }

    private mutating func makeRoom(for count: Int, in file: File, _ step: Step.Name) throws(StoreError) {
        let size = sizes[step] ?? 0
        guard size - (holes[step]?.range.count ?? 0) + count > bound else { return }
        var hole: LogHole
        if let known = holes[step] { hole = known } else { hole = try LogHole(beside: file, bound: bound) }
        try hole.grow(in: file, size: size, bound: bound)
        holes[step] = hole.range.isEmpty ? nil : hole
    }

    // MARK: - Reading

    func read(_ step: Step.Name?, from offset: Int, limit: Int) throws(StoreError) -> LogPiece {
        let offset = max(0, offset)
        var piece = LogPiece(next: offset)
        let count = min(max(0, limit), size(step) - offset)
        guard count > 0 else { return piece }
        if let step {
            try add(step, offset, count, to: &piece)
            if piece.isOmission { piece.next = holes[step]?.range.upperBound ?? offset }
            return piece
        }
        var position = try index.position(of: offset)
        while piece.next - offset < count, position < index.count {
            let record = try index[position]
            let skipped = piece.next - record.start
            let part = record.offset + skipped
            if piece.bytes.isEmpty, holes[record.step]?.range.contains(part) == true {
                try add(record.step, part, 1, to: &piece)
                piece.next = try endOfOmission(from: position, part)
                return piece
            }
            let wanted = min(record.length - skipped, count - (piece.next - offset))
            let before = piece.bytes.count
            guard try add(record.step, part, wanted, to: &piece) == wanted else { break }
            if record.isOwn { piece.addOwn(before..<piece.bytes.count) }
            position += 1
        }
        return piece
    }

    /// Adds what a step's text has in a range, up to a hole; in a hole, where nothing else is asked for, a line of ours.
    /// - Returns: the bytes that it went on by.
    @discardableResult
    private func add(_ step: Step.Name, _ offset: Int, _ count: Int, to piece: inout LogPiece) throws(StoreError) -> Int
    {
        var count = count
        if let hole = holes[step]?.range, offset < hole.upperBound, offset + count > hole.lowerBound {
            count = max(0, hole.lowerBound - offset)
            if count == 0, piece.bytes.isEmpty {
                piece.bytes = Array(
                    "slipway: \(hole.count) bytes of \(step.rawValue)'s output are left out here\n".utf8)
                piece.own = [0..<piece.bytes.count]
                piece.isOmission = true
            }
        }
        guard count > 0 else { return 0 }
        let bytes = try files[step]?.read(count, at: offset) ?? []
        piece.bytes += bytes
        piece.next += bytes.count
        return bytes.count
    }

    /// Where the job's text goes on behind what is left out from a place in a record on.
    private func endOfOmission(from position: Int, _ part: Int) throws(StoreError) -> Int {
        var position = position
        var part = part
        while position < index.count {
            let record = try index[position]
            guard let hole = holes[record.step]?.range, hole.contains(part) else {
                return record.start + part - record.offset
            }
            if hole.upperBound < record.offset + record.length {
                return record.start + hole.upperBound - record.offset
            }
            position += 1
            if position < index.count { part = try index[position].offset }
        }
        return index.total
    }

    /// What is left out of a step's text, or of the job's.
    func omitted(_ step: Step.Name?) throws(StoreError) -> [Range<Int>] {
        if let step { return holes[step].map { [$0.range] } ?? [] }
        guard !holes.isEmpty else { return [] }
        var omitted: [Range<Int>] = []
        for position in 0..<index.count {
            let record = try index[position]
            guard let hole = holes[record.step]?.range else { continue }
            let part = hole.clamped(to: record.offset..<record.offset + record.length)
            guard !part.isEmpty else { continue }
            let range = part.lowerBound - record.offset + record.start..<part.upperBound - record.offset + record.start
            if let last = omitted.last, last.upperBound == range.lowerBound {
                omitted[omitted.count - 1] = last.lowerBound..<range.upperBound
            } else {
                omitted.append(range)
            }
        }
        return omitted
    }

    private static func path(_ folder: String, _ step: Step.Name) -> String { folder + "/" + step.rawValue + ".log" }

    /// A line without its end was being written when the machine stopped.
    private static func cutTornLine(_ file: File) throws(StoreError) -> Int {
        let size = try file.size()
        var end = size
        while end > 0 {
            let count = min(end, 4096)
            let chunk = try file.read(count, at: end - count)
            if let newline = chunk.lastIndex(of: UInt8(ascii: "\n")) {
                end += newline + 1 - count
                break
            }
            end -= count
        }
        if end < size { try file.truncate(to: end) }
        return end
    }
}

extension LogPiece {
    fileprivate mutating func addOwn(_ range: Range<Int>) {
        if let last = own.last, last.upperBound == range.lowerBound {
            own[own.count - 1] = last.lowerBound..<range.upperBound
        } else {
            own.append(range)
        }
    }
}

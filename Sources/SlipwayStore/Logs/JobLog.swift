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
    private var index: LogIndex

    /// - Returns: nil when the job has no log and none is to be made.
    init?(folder: String, makes: Bool) throws(StoreError) {
        self.folder = folder
        if access(folder, F_OK) != 0 {
            guard makes else { return nil }
            try DataFolder.make(folder)
        }
        for step in Step.Name.allCases where access(Self.path(folder, step), F_OK) == 0 {
            let file = try File(Self.path(folder, step), .writing)
            files[step] = file
            sizes[step] = try Self.cutTornLine(file)
        }
        index = try LogIndex(folder + "/index", sizes: sizes)
    }

    func size(_ step: Step.Name?) -> Int {
        guard let step else { return index.total }
        return sizes[step] ?? 0
    }

    /// All of it or nothing.
    mutating func append(_ lines: [UInt8], step: Step.Name) throws(StoreError) {
        let file: File
        if let open = files[step] {
            file = open
        } else {
            file = try File(Self.path(folder, step), .writing)
            files[step] = file
        }
        let offset = sizes[step] ?? 0
        do {
            try file.write(lines, at: offset)
            try index.append(step, offset: offset, length: lines.count)
        } catch {
            // What was written of it stands behind the end, and the next write goes over it.
            try? file.truncate(to: offset)
            throw error
        }
        sizes[step] = offset + lines.count
    }

    func read(_ step: Step.Name?, from offset: Int, limit: Int) throws(StoreError) -> [UInt8] {
        let offset = max(0, offset)
        let count = min(max(0, limit), size(step) - offset)
        guard count > 0 else { return [] }
        if let step { return try files[step]?.read(count, at: offset) ?? [] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        var position = try index.position(of: offset)
        while bytes.count < count, position < index.count {
            let record = try index[position]
            let skipped = offset + bytes.count - record.start
            let wanted = min(record.length - skipped, count - bytes.count)
            let part = try files[record.step]?.read(wanted, at: record.offset + skipped) ?? []
            bytes += part
            guard part.count == wanted else { break }
            position += 1
        }
        return bytes
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

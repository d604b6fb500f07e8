import SlipwayBase

/// TCP as it is.
actor PlainStream: ByteStream {
    nonisolated let executor: QueueExecutor
    nonisolated let isSecure = false
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let socket: Socket

    init(_ socket: Socket) {
        self.socket = socket
        executor = socket.loop.executor
    }

    func read(until deadline: Deadline) async throws -> [UInt8]? {
        try Task.checkCancellation()
        await socket.pause()
        while true {
            switch try socket.receive() {
            case .bytes(let bytes): return bytes
            case .end: return nil
            case .nothingYet: try await socket.wait(.readable, until: deadline)
            }
        }
    }

    func write(_ bytes: [UInt8], until deadline: Deadline) async throws {
        try Task.checkCancellation()
        var sent = 0
        while sent < bytes.count {
            if let count = try socket.send(bytes, from: sent) {
                sent += count
            } else {
                try await socket.wait(.writable, until: deadline)
            }
        }
    }

    func send(file: Int32, offset: Int, count: Int, until deadline: Deadline) async throws -> Int {
        try Task.checkCancellation()
        var position = offset
        while position < offset + count {
            guard let sent = try socket.send(file: file, offset: position, count: offset + count - position) else {
                try await socket.wait(.writable, until: deadline)
                continue
            }
            guard sent > 0 else { break }
            position += sent
        }
        return position - offset
    }

    func closeWrite() { socket.closeWrite() }

    func close() { socket.close() }
}

import SlipwayNet

extension HTTPConnection {
    /// - Returns: whether the response was complete and another may follow on this connection.
    /// - Throws: what ends the connection.
    func send(_ response: Outgoing) async throws -> Bool {
        if case .missing = response.rest { return false }
        try await write(response.bytes)
        switch response.rest {
        case .nothing: return response.keepsAlive
        case .bytes(let content):
            try await write(content)
            return response.keepsAlive
        case .file(let file, let part): return try await send(file, part) && response.keepsAlive
        case .stream(let output, let produce): return try await stream(output, produce) && response.keepsAlive
        case .missing: return false
        }
    }

    private func send(_ file: OpenFile, _ part: Range<Int>) async throws -> Bool {
        var rest = part
        while !rest.isEmpty {
            let slice = rest.prefix(Outgoing.joinedBytes)
            let count = try await stream.send(
                file: file.descriptor, offset: slice.startIndex, count: slice.count, until: .after(limits.writeTime))
            // The file became shorter than it was.
            guard count == slice.count else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func stream(
        _ output: StreamedBody, _ produce: @Sendable (HTTPBodyWriter) async throws -> Void
    ) async throws -> Bool {
        try await produce(
            HTTPBodyWriter { [self] bytes in
                guard !bytes.isEmpty else { return }
                try await write(output.encode(bytes))
            })
        guard let end = output.end() else { return false }
        if !end.isEmpty { try await write(end) }
        return true
    }

    /// In slices, each with its own time, so that a large answer may take long and yet a client that takes nothing is
    /// noticed.
    func write(_ bytes: [UInt8]) async throws {
        guard bytes.count > 2 * Outgoing.joinedBytes else {
            return try await stream.write(bytes, until: .after(limits.writeTime))
        }
        var start = 0
        while start < bytes.count {
            let end = min(start + Outgoing.joinedBytes, bytes.count)
            try await stream.write(Array(bytes[start..<end]), until: .after(limits.writeTime))
            start = end
        }
    }
}

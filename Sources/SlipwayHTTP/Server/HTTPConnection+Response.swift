import SlipwayNet

extension HTTPConnection {
    /// Bytes that leave in the same write as the header; more would be copied for nothing.
    private static let joinedBytes = 65_536

    /// - Returns: whether the response was complete, so that another may follow on this connection.
    /// - Throws: what ends the connection.
    func send(_ response: HTTPResponse, to head: HTTPRequestHead, keepsAlive: Bool) async throws -> Bool {
        let status = response.status
        let hasBody = status.code >= 200 && status.code != 204 && status.code != 304
        let isHead = head.method == .head
        switch response.body {
        case .empty:
            try await write(header(response, head, keepsAlive: keepsAlive, framing: hasBody ? .length(0) : nil))
        case .bytes(let content):
            let isSent = hasBody && !isHead
            let isJoined = isSent && content.count <= Self.joinedBytes
            var bytes = header(
                response, head, keepsAlive: keepsAlive, framing: hasBody ? .length(content.count) : nil,
                room: isJoined ? content.count : 0)
            if isJoined { bytes += content }
            try await write(bytes)
            if isSent, !isJoined { try await write(content) }
        case .file(let file, let part):
            let framing: HTTPFraming? = hasBody ? .length(part.count) : nil
            let isSent = hasBody && !isHead
            let isJoined = isSent && part.count <= Self.joinedBytes
            var bytes = header(
                response, head, keepsAlive: keepsAlive, framing: framing, room: isJoined ? part.count : 0)
            if isJoined, !file.append(part, to: &bytes) { return false }
            try await write(bytes)
            if isSent, !isJoined { return try await send(file, part) }
        case .stream(let produce):
            return try await stream(response, head, keepsAlive: keepsAlive, hasBody: hasBody, produce)
        }
        return true
    }

    private func send(_ file: OpenFile, _ part: Range<Int>) async throws -> Bool {
        var rest = part
        while !rest.isEmpty {
            let slice = rest.prefix(Self.joinedBytes)
            let count = try await stream.send(
                file: file.descriptor, offset: slice.startIndex, count: slice.count, until: .after(limits.writeTime))
            // The file became shorter than it was: the length is promised, so only the connection's end can say so.
            guard count == slice.count else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func stream(
        _ response: HTTPResponse, _ head: HTTPRequestHead, keepsAlive: Bool, hasBody: Bool,
        _ produce: @Sendable (HTTPBodyWriter) async throws -> Void
    ) async throws -> Bool {
        let length = response.headers["Content-Length"].flatMap(Int.init)
        let framing: HTTPFraming? =
            !hasBody ? nil : length.map(HTTPFraming.length) ?? (head.version == .http11 ? .chunked : .untilEnd)
        let keepsAlive = keepsAlive && framing != .untilEnd
        try await write(header(response, head, keepsAlive: keepsAlive, framing: framing))
        guard hasBody, head.method != .head else { return keepsAlive }
        let output = StreamedBody(framing: framing ?? .untilEnd)
        try await produce(
            HTTPBodyWriter { [self] bytes in
                guard !bytes.isEmpty else { return }
                try await write(output.encode(bytes))
            })
        guard let end = output.end() else { return false }
        if !end.isEmpty { try await write(end) }
        return keepsAlive
    }

    /// - Parameter room: for so many bytes of content that will follow.
    private func header(
        _ response: HTTPResponse, _ head: HTTPRequestHead, keepsAlive: Bool, framing: HTTPFraming?, room: Int = 0
    ) -> [UInt8] {
        var headers = response.headers
        // What only this connection can know is said by it alone.
        headers["Content-Length"] = nil
        headers["Transfer-Encoding"] = nil
        headers["Connection"] = nil
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headers.bytes.count + 192 + room)
        HTTPEncoder.append(response.status, to: &bytes)
        if !headers.contains("Date") { bytes += HTTPDate.fieldLine() }
        bytes += headers.bytes
        switch framing {
        case .length(let count): HTTPEncoder.append("Content-Length", String(count), to: &bytes)
        case .chunked: HTTPEncoder.append("Transfer-Encoding", "chunked", to: &bytes)
        case .untilEnd, nil: break
        }
        if !keepsAlive {
            HTTPEncoder.append("Connection", "close", to: &bytes)
        } else if head.version == .http10 {
            HTTPEncoder.append("Connection", "keep-alive", to: &bytes)
        }
        bytes += HTTPEncoder.lineEnd
        return bytes
    }

    /// In slices, each with its own time, so that a large answer may take long and yet a client that takes nothing is
    /// noticed.
    func write(_ bytes: [UInt8]) async throws {
        guard bytes.count > 2 * Self.joinedBytes else {
            return try await stream.write(bytes, until: .after(limits.writeTime))
        }
        var start = 0
        while start < bytes.count {
            let end = min(start + Self.joinedBytes, bytes.count)
            try await stream.write(Array(bytes[start..<end]), until: .after(limits.writeTime))
            start = end
        }
    }
}

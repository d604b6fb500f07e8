import SlipwayNet

extension HTTPConnection {
    /// Bytes that leave in the same write as the header; more would be copied for nothing.
    private static let joinedBytes = 65_536

    /// - Returns: whether the response was complete, so that another may follow on this connection.
    /// - Throws: what ends the connection.
    func send(_ response: HTTPResponse, file: FileReader?, to head: HTTPRequestHead, keepsAlive: Bool) async throws
        -> Bool
    {
        let status = response.status
        let hasBody = status.code >= 200 && status.code != 204 && status.code != 304
        let isHead = head.method == .head
        switch response.body {
        case .empty, .bytes:
            var content: [UInt8] = []
            if case .bytes(let bytes) = response.body, hasBody { content = bytes }
            var bytes = header(
                response, head, keepsAlive: keepsAlive, framing: hasBody ? .length(content.count) : nil)
            if isHead || content.isEmpty {
                try await write(bytes)
            } else if content.count <= Self.joinedBytes {
                bytes += content
                try await write(bytes)
            } else {
                try await write(bytes)
                try await write(content)
            }
            return true
        case .file(_, _, let count):
            let framing: HTTPFraming? = hasBody ? .length(count) : nil
            guard hasBody, !isHead, count > 0 else {
                try await write(header(response, head, keepsAlive: keepsAlive, framing: framing))
                return true
            }
            try await write(header(response, head, keepsAlive: keepsAlive, framing: framing))
            guard let file else { return false }
            return try await send(file, count: count)
        case .stream(let produce):
            return try await stream(response, head, keepsAlive: keepsAlive, hasBody: hasBody, produce)
        }
    }

    private func send(_ file: FileReader, count: Int) async throws -> Bool {
        var left = count
        while left > 0 {
            let bytes = await file.read(upTo: left)
            // The file became shorter than it was: the length is promised, so only the connection's end can say so.
            guard !bytes.isEmpty else { return false }
            left -= bytes.count
            try await write(bytes)
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

    private func header(
        _ response: HTTPResponse, _ head: HTTPRequestHead, keepsAlive: Bool, framing: HTTPFraming?
    ) -> [UInt8] {
        var headers = response.headers
        // What only this connection can know is said by it alone.
        headers["Content-Length"] = nil
        headers["Transfer-Encoding"] = nil
        headers["Connection"] = nil
        var bytes = HTTPEncoder.statusLine(response.status)
        if !headers.contains("Date") { HTTPEncoder.append("Date", HTTPDate.now(), to: &bytes) }
        HTTPEncoder.append(headers, to: &bytes)
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
        guard bytes.count > Self.joinedBytes else {
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

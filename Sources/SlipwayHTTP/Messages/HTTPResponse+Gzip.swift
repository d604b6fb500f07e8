import Synchronization

extension HTTPResponse {
    /// Below this many bytes the header is most of what is sent.
    private static let smallestGzipped = 1000

    /// The same in gzip's coding, where it is text that is worth it and the request's `Accept-Encoding` takes it. What a
    /// stream writes can be read at once, as without it.
    ///
    /// The length of what is compressed tells of its content: text that others choose must not stand beside a secret that
    /// is the same in the next answer.
    package func gzipped(for request: HTTPRequest) -> HTTPResponse {
        // A part is one of the bytes as they are.
        guard status != .partialContent, !headers.contains("Content-Encoding"),
            headers["Content-Type"].map({ $0.hasPrefix("text/html") || $0.hasPrefix("text/plain") }) == true
        else { return self }
        var response = self
        response.headers["Vary"] = "Accept, Accept-Encoding, Cookie"
        guard request.headers.accepts(coding: "gzip") else { return response }
        switch body {
        case .empty, .file: return response
        case .bytes(let bytes):
            guard bytes.count >= Self.smallestGzipped, let compressed = Gzip.compress(bytes, for: .answer) else {
                return response
            }
            response.body = .bytes(compressed)
        case .stream(let produce):
            response.body = .stream { writer in
                guard let gzip = GzipWriter(writer) else { throw GzipWriter.NoMemory() }
                try await produce(HTTPBodyWriter { try await gzip.write($0) })
                try await gzip.end()
            }
        }
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Accept-Ranges"] = nil
        return response
    }
}

/// Compresses what is written to a stream.
private final class GzipWriter: Sendable {
    private let writer: HTTPBodyWriter
    /// Handlers may write from any task.
    private let gzip: Mutex<Gzip>

    struct NoMemory: Error {}

    init?(_ writer: HTTPBodyWriter) {
        guard let gzip = Gzip(for: .stream) else { return nil }
        self.writer = writer
        self.gzip = Mutex(gzip)
    }

    func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try await writer.write(gzip.withLock { $0.compress(bytes, .flush) })
    }

    func end() async throws { try await writer.write(gzip.withLock { $0.compress([], .end) }) }
}

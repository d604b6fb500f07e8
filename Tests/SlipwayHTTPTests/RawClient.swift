import SlipwayHTTP
import SlipwayNet

/// Speaks HTTP byte by byte, so that tests say what is on the wire.
actor RawClient {
    struct Response: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct Malformed: Error {
        var received: String
    }

    /// For what must happen, however busy the machine is.
    private static let patience = Duration.seconds(600)

    let stream: ByteStream
    private var received: [UInt8] = []
    private var hasEnded = false

    init(port: Int, tls: TLSClientContext? = nil, host: String = "127.0.0.1") async throws {
        stream = try await Connector.connect(host: host, port: port, tls: tls, deadline: Self.patience)
    }

    func send(_ text: String) async throws {
        try await stream.write(Array(text.utf8), until: .after(Self.patience))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await stream.write(bytes, until: .after(Self.patience))
    }

    func closeWrite() async { await stream.closeWrite() }
    func close() async { await stream.close() }

    /// Whether the server has closed, with nothing more to read.
    func isAtEnd() async throws -> Bool {
        guard received.isEmpty else { return false }
        return try await stream.read(until: .after(Self.patience)) == nil
    }

    /// Whether the server has closed, by an end or by a reset.
    func isGone() async throws -> Bool {
        do {
            return try await isAtEnd()
        } catch StreamError.broken {
            return true
        }
    }

    /// Reads until a text has come.
    func expect(_ text: String) async throws {
        while received.firstRange(of: Array(text.utf8)) == nil {
            guard try await readMore() else { throw Malformed(received: String(decoding: received, as: UTF8.self)) }
        }
    }

    /// Everything until the server closes.
    func rest() async throws -> String {
        while try await readMore() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// Everything that came before the server was gone, by an end or by a reset.
    func restUntilGone() async throws -> String {
        do {
            while try await readMore() {}
        } catch StreamError.broken {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// Sends as long as the server is there, and reads nothing.
    func sendUntilGone() async throws {
        do {
            while true { try await send("x") }
        } catch StreamError.broken {}
    }

    func response(to method: String = "GET") async throws -> Response {
        let head = try await line(until: "\r\n\r\n")
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false).dropLast(2)
        guard let first = lines.first, first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3))
        else {
            throw Malformed(received: head)
        }
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            guard let colon = line.firstRange(of: ": ") else { throw Malformed(received: head) }
            headers.add(String(line[..<colon.lowerBound]), String(line[colon.upperBound...]))
        }
        var body: [UInt8] = []
        if method == "HEAD" || status < 200 || status == 204 || status == 304 {
        } else if headers["Transfer-Encoding"] == "chunked" {
            while true {
                let size = try await line(until: "\r\n")
                // CR LF is one Character.
                guard let count = Int(size.dropLast(), radix: 16) else { throw Malformed(received: size) }
                let chunk = try await take(count + 2)
                if count == 0 { break }
                body += chunk.dropLast(2)
            }
        } else if let length = headers["Content-Length"].flatMap(Int.init) {
            body = try await take(length)
        } else {
            while try await readMore() {}
            body = received
            received = []
        }
        return Response(status: status, headers: headers, body: body)
    }

    private func readMore() async throws -> Bool {
        guard let bytes = try await stream.read(until: .after(Self.patience)) else { return false }
        received += bytes
        return true
    }

    private func take(_ count: Int) async throws -> [UInt8] {
        while received.count < count {
            guard try await readMore() else { throw Malformed(received: String(decoding: received, as: UTF8.self)) }
        }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    private func line(until end: String) async throws -> String {
        let end = Array(end.utf8)
        while true {
            if let range = received.firstRange(of: end) {
                return String(decoding: try await take(range.upperBound), as: UTF8.self)
            }
            guard try await readMore() else { throw Malformed(received: String(decoding: received, as: UTF8.self)) }
        }
    }
}

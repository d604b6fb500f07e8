import SlipwayNet
import Synchronization

/// A server that does what a test says, request by request, and remembers what it was asked on which connection.
///
/// It understands just enough of requests: a header, and a body by Content-Length.
final class ScriptedServer: Sendable {
    enum Act: Sendable {
        /// Sends these bytes and waits for the next request.
        case say(String)
        case sayAndHangUp(String)
        /// Sends these bytes and ends TCP as a broken network would, without ending TLS.
        case sayAndCut(String)
    }

    struct Request: Sendable, Equatable {
        /// From 1, in the order of their coming.
        var connection: Int
        /// `GET /path`.
        var line: String
        var text: String
    }

    static let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

    let port: Int
    private let state = Mutex<(connections: Int, requests: [Request])>((0, []))
    private let hungUp = AsyncStream<Int>.makeStream()
    private let running = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter act: gets the request, and which one it is on its connection, from 1.
    init(tls: TLSServerContext? = nil, _ act: @Sendable @escaping (Request, _ number: Int) -> Act) throws {
        let listener = try Listener(host: "127.0.0.1", port: 0, tls: tls)
        port = listener.port
        let task = Task { [weak self] in
            await withDiscardingTaskGroup { group in
                while let (stream, _) = try? await listener.accept() {
                    guard let self else { return }
                    let connection = self.state.withLock { state in
                        state.connections += 1
                        return state.connections
                    }
                    group.addTask {
                        try? await self.serve(stream, connection, act)
                        self.hungUp.continuation.yield(connection)
                    }
                }
            }
        }
        running.withLock { $0 = task }
    }

    deinit { running.withLock { $0?.cancel() } }

    var requests: [Request] { state.withLock { $0.requests } }
    var connections: Int { state.withLock { $0.connections } }

    func url(_ path: String = "/", scheme: String = "http", host: String = "127.0.0.1") -> String {
        "\(scheme)://\(host):\(port)\(path)"
    }

    /// Until the server has hung up on a connection, or seen the client do so.
    func hangsUp() async -> Int? {
        var iterator = hungUp.stream.makeAsyncIterator()
        return await iterator.next()
    }

    private func serve(
        _ stream: ByteStream, _ connection: Int, _ act: @Sendable (Request, Int) -> Act
    ) async throws {
        var number = 0
        var received: [UInt8] = []
        while let bytes = try await stream.read() {
            received += bytes
            guard let text = Self.whole(received) else { continue }
            received = []
            number += 1
            let line = text.split(separator: " ").prefix(2).joined(separator: " ")
            let request = Request(connection: connection, line: line, text: text)
            state.withLock { $0.requests.append(request) }
            switch act(request, number) {
            case .say(let answer): try await stream.write(Array(answer.utf8))
            case .sayAndHangUp(let answer):
                if !answer.isEmpty { try await stream.write(Array(answer.utf8)) }
                await stream.close()
                return
            case .sayAndCut(let answer):
                // A stream that nobody holds any more is closed without a word.
                return try await stream.write(Array(answer.utf8))
            }
        }
        await stream.close()
    }

    private static func whole(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let length = text.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.output.1) } ?? 0
        return text[end.upperBound...].utf8.count >= length ? text : nil
    }
}

import SlipwayNet
import Synchronization

/// Stands before an HTTP server and spoils some of what passes. Each connection carries one request.
package final class FaultyProxy: Sendable {
    /// What happens to the next requests that match.
    package struct Fault: Sendable {
        package enum Kind: Sendable {
            /// Answers in the server's place.
            case status(Int)
            /// Ends the connection once so many bytes of a body have passed.
            case cut(afterBytes: Int)
        }

        var kind: Kind
        var method: String
        /// A part of the path.
        var path: String
        var times: Int

        package init(_ kind: Kind, _ method: String, _ path: String, times: Int) {
            self.kind = kind
            self.method = method
            self.path = path
            self.times = times
        }
    }

    /// `host:port`.
    package let authority: String
    private let upstream: (host: String, port: Int)
    private let state = Mutex<(faults: [Fault], count: Int)>(([], 0))
    private let accepting = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter upstream: `host:port`.
    package init(before upstream: String) throws {
        let parts = upstream.split(separator: ":")
        self.upstream = (String(parts[0]), Int(parts.last ?? "") ?? 80)
        let listener = try Listener(host: "127.0.0.1", port: 0)
        authority = "127.0.0.1:\(listener.port)"
        let task = Task { [weak self] in
            await withDiscardingTaskGroup { group in
                while let (client, _) = try? await listener.accept() {
                    guard let self else { return }
                    group.addTask { try? await self.serve(client) }
                }
            }
        }
        accepting.withLock { $0 = task }
    }

    deinit { accepting.withLock { $0?.cancel() } }

    package func add(_ fault: Fault) { state.withLock { $0.faults.append(fault) } }
    package func behave() { state.withLock { $0.faults = [] } }
    /// How many requests were spoiled so far.
    package var spoiled: Int { state.withLock { $0.count } }

    private func fault(_ method: Substring, _ path: Substring) -> Fault? {
        state.withLock { state in state.faults.first { $0.method == method && path.contains($0.path) } }
    }

    /// - Returns: false when others have used it up meanwhile.
    private func use(_ fault: Fault) -> Bool {
        state.withLock { state in
            let isSame = { (other: Fault) in other.method == fault.method && other.path == fault.path }
            guard let index = state.faults.firstIndex(where: isSame) else { return false }
            state.faults[index].times -= 1
            state.count += 1
            if state.faults[index].times == 0 { state.faults.remove(at: index) }
            return true
        }
    }

    private func serve(_ client: ByteStream) async throws {
        var received: [UInt8] = []
        var end: Range<Int>?
        while end == nil {
            guard let bytes = try await client.read() else { return }
            received += bytes
            // Docker tries TLS first.
            guard received[0] != 0x16 else { return }
            end = received.firstRange(of: Array("\r\n\r\n".utf8))
        }
        guard let end else { return }
        var lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        let fault = fault(words[0], words[1])
        if case .status(let status) = fault?.kind, let fault, use(fault) {
            try await client.write(
                Array("HTTP/1.1 \(status) Spoiled\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8))
            await client.closeWrite()
            // A body that nobody reads would end the connection before the answer is read.
            while try await client.read() != nil {}
            return
        }
        lines.removeAll { $0.lowercased().hasPrefix("connection:") }
        let head = lines.joined(separator: "\r\n") + "\r\nConnection: close\r\n\r\n"
        let server = try await Connector.connect(host: upstream.host, port: upstream.port)
        try await server.write(Array(head.utf8))
        try await relay(received[end.upperBound...], client, server, fault)
    }

    /// Until the server has answered, or the connection is cut: both are closed when nobody holds them.
    private func relay(
        _ begun: ArraySlice<UInt8>, _ client: ByteStream, _ server: ByteStream, _ fault: Fault?
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                while let bytes = try await server.read() { try await client.write(bytes) }
                return true
            }
            group.addTask {
                var next: [UInt8]? = Array(begun)
                var passed = 0
                while let bytes = next {
                    passed += bytes.count
                    if case .cut(let limit) = fault?.kind, let fault, passed > limit, self.use(fault) { return true }
                    if !bytes.isEmpty { try await server.write(bytes) }
                    next = try await client.read()
                }
                return false
            }
            while let isOver = try await group.next(), !isOver {}
            group.cancelAll()
        }
    }
}

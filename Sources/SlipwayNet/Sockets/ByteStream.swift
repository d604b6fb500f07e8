package import SlipwayBase

/// A connected transport: TCP, or TLS over it.
///
/// One task may read while another writes; two readers or two writers at once are a mistake. Cancelling the task that
/// waits ends its wait with `CancellationError`; other failures are `StreamError`.
package protocol ByteStream: Sendable {
    /// The executor of its loop: an actor that works on the same one reads and writes without a change of thread.
    var executor: QueueExecutor { get }
    var isSecure: Bool { get }

    /// The next bytes, at least one; nil at the end.
    func read(until deadline: Deadline) async throws -> [UInt8]?
    /// Returns once the kernel has taken all of it.
    func write(_ bytes: [UInt8], until deadline: Deadline) async throws
    /// Sends a part of a file; returns once the kernel has taken all of it.
    /// - Returns: how many bytes there were; fewer than asked for when the file is shorter.
    func send(file: Int32, offset: Int, count: Int, until deadline: Deadline) async throws -> Int
    /// Tells the other side that nothing more will come; reading goes on.
    func closeWrite() async
    /// Ends the connection at once. Again, or never (a stream that nobody holds is closed): both are fine.
    func close() async
}

extension ByteStream {
    package func read() async throws -> [UInt8]? { try await read(until: .never) }
    package func write(_ bytes: [UInt8]) async throws { try await write(bytes, until: .never) }
}

/// What a stream's bytes go through on their way to the socket: nothing, or TLS. Each call tries once and never waits.
///
/// Used on the socket's loop only.
protocol Transport: Sendable {
    var isSecure: Bool { get }

    func handshake() throws(StreamError) -> Attempt<Void>
    /// The next bytes, at least one; nil at the end.
    func receive() throws(StreamError) -> Attempt<[UInt8]?>
    /// How many bytes from `start` on were taken.
    func send(_ bytes: [UInt8], from start: Int) throws(StreamError) -> Attempt<Int>
    /// How many bytes of the file were taken, 0 at its end.
    func send(file: Int32, offset: Int, count: Int) throws(StreamError) -> Attempt<Int>
    /// Tells the other side, above TCP, that nothing more will come.
    func sayEnd()
}

enum Attempt<Result> {
    case done(Result)
    /// Not now: trying again is worth it once the socket is ready for this.
    case needs(EventLoop.Interest)
}

/// TCP as it is.
struct PlainTransport: Transport {
    let socket: Socket
    var isSecure: Bool { false }

    func handshake() -> Attempt<Void> { .done(()) }

    func receive() throws(StreamError) -> Attempt<[UInt8]?> { try socket.receive() }

    func send(_ bytes: [UInt8], from start: Int) throws(StreamError) -> Attempt<Int> {
        try socket.send(bytes, from: start)
    }

    func send(file: Int32, offset: Int, count: Int) throws(StreamError) -> Attempt<Int> {
        try socket.send(file: file, offset: offset, count: count)
    }

    func sayEnd() {}
}

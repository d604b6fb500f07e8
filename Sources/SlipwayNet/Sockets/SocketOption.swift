import Glibc

/// Settings of a socket that have no failure worth an answer: without them it is slower, not wrong.
enum SocketOption {
    /// Small answers leave at once: Nagle's algorithm together with delayed acknowledgements costs 40 ms each. What a
    /// listening socket accepts inherits it.
    static func sendWithoutDelay(_ descriptor: Int32) {
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

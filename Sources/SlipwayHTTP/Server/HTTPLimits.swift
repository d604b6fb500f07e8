/// Every bound on what a client may take from the server.
package struct HTTPLimits: Sendable, Equatable {
    /// Bytes of the request line, its end included. Default 8 KiB, what RFC 9112, section 3 recommends as a minimum.
    package var requestLineBytes = 8192
    /// Bytes of all header fields. Default 32 KiB: GitHub sends about 1 KiB.
    package var headerBytes = 32_768
    /// Header fields of a request. Default 100.
    package var headerFields = 100
    /// Connections at once; who comes later is told 503. Default 4,096.
    package var connections = 4096
    /// From the connection, or the first byte of a later request, to the end of the header, a TLS handshake included.
    /// Default 20 s.
    package var headerTime: Duration = .seconds(20)
    /// Without a request on a kept connection. Default 60 s.
    package var idleTime: Duration = .seconds(60)
    /// Without a byte of a body that is awaited. Default 30 s.
    package var bodyTime: Duration = .seconds(30)
    /// What a body must bring on average once `bodyTime` is over, so that it cannot be dripped. Default 1 KiB a second.
    package var bodyBytesPerSecond = 1024
    /// Until the client has taken 64 KiB of a response, or what there is of it. Default 60 s.
    package var writeTime: Duration = .seconds(60)
    /// For requests under way once the server stops. Default 10 s.
    package var stopTime: Duration = .seconds(10)

    package init() {}
}

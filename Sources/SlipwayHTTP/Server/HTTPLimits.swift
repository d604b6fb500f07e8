/// Every bound on what a client may take from the server.
package struct HTTPLimits: Sendable {
    /// Bytes of the request line, its end included. Default 8 KiB, what RFC 9112, section 3 recommends as a minimum.
    package var requestLineBytes = 8192
    /// Bytes of all header fields. Default 32 KiB: GitHub sends about 1 KiB.
    package var headerBytes = 32_768
    /// Header fields of a request. Default 100.
    package var headerFields = 100
    /// Connections at once. Default 4,096.
    package var connections = 4096
    /// From the first byte of a request to the end of its header. Default 20 s.
    package var headerTime: Duration = .seconds(20)
    /// Without a request on a kept connection. Default 75 s.
    package var idleTime: Duration = .seconds(75)
    /// Without a byte of a body that is awaited. Default 30 s.
    package var bodyTime: Duration = .seconds(30)
    /// Without a byte that the client takes of a response. Default 60 s.
    package var writeTime: Duration = .seconds(60)
    /// For requests under way once the server stops. Default 10 s.
    package var stopTime: Duration = .seconds(10)

    package init() {}
}

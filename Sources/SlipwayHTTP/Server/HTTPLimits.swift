/// Every bound on what a client may take from the server. Reaching one costs that client only.
package struct HTTPLimits: Sendable, Equatable {
    /// Bytes of the request line, its end included. Default 8 KiB, what RFC 9112, section 3 recommends as a minimum.
    package var requestLineBytes = 8192
    /// Bytes of all header fields. Default 32 KiB: GitHub sends about 1 KiB, a browser with cookies a few.
    package var headerBytes = 32_768
    /// Header fields of a request. Default 100; a browser sends about 20.
    package var headerFields = 100
    /// Connections at once. Default 4,096: each costs a few kB and a descriptor. Who comes later takes the place of one of
    /// the client that has most, or is told 503.
    package var connections = 4096
    /// Of those, connections from one client: an IPv4 address, an IPv6 /64, or behind a trusted proxy what that says it
    /// was, for as long as a request of it is answered. Default 1,024. Who comes later takes the place of the client's own
    /// connection that has waited longest without a complete request, or is told 503.
    package var connectionsPerAddress = 1024
    /// From the connection to its first byte, with the TLS handshake. Default 10 s: a client connects because it has
    /// something to say.
    package var firstByteTime: Duration = .seconds(10)
    /// From the first byte of a request to the end of its header. Default 20 s, time for a lost packet or two.
    package var headerTime: Duration = .seconds(20)
    /// Without a request on a kept connection. Default 60 s: longer than a browser's pauses, shorter than what most
    /// proxies wait for.
    package var idleTime: Duration = .seconds(60)
    /// Requests that a client sends before it has the answers, in a row; the last of them is answered with
    /// `Connection: close`. Default 128: nobody honest pipelines that many.
    package var pipelinedRequests = 128
    /// Without a byte of a body that is awaited. Default 30 s.
    package var bodyTime: Duration = .seconds(30)
    /// From a body's first awaited byte to its last. Default 5 minutes: 25 MiB at 0.7 Mbit/s.
    package var bodyTotalTime: Duration = .seconds(300)
    /// How fast a body must arrive on average over `bodyTime`, so that it cannot be dripped. What came faster earns no
    /// more than that time. Default 1 KiB a second, slower than any line.
    package var bodyBytesPerSecond = 1024
    /// Bytes of all bodies together that are kept while they arrive; half of them for one client, and that only while
    /// nobody else needs the room (see `BodyBudget`). Default 64 MiB: two of the largest deliveries, or thousands of usual
    /// ones.
    package var bodyBudgetBytes = 64 << 20
    /// Bytes of a body that are kept in memory; what is larger goes to a file. Default 256 KiB, above nearly every
    /// delivery.
    package var bodyMemoryBytes = 262_144
    /// Bytes of one body, by what the route takes.
    package var bodies = BodyLimits()
    /// Until the client has taken 64 KiB of a response, or what there is of it. Default 60 s.
    package var writeTime: Duration = .seconds(60)
    /// For requests under way once the server stops. Default 10 s.
    package var stopTime: Duration = .seconds(10)

    package init() {}
}

/// How large a body may be, by what it is.
package struct BodyLimits: Sendable, Equatable {
    /// A delivery's JSON. Default 25 MiB, the most that GitHub sends; as a form, whose escapes make it longer, 32 for
    /// each 25.
    package var deliveryBytes = 25 << 20
    /// The form of a page. Default 64 KiB: a token and a few words.
    package var formBytes = 65_536
}

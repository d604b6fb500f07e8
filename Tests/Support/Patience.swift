package import SlipwayHTTP

// A test tells what is right, not how fast the machine is, and a busy one may take a minute for what is done in a
// millisecond elsewhere. What is about a limit sets that limit itself.

extension HTTPLimits {
    /// The defaults, with ten minutes for everything that a client may take its time for.
    package static var patient: HTTPLimits {
        var limits = HTTPLimits()
        for time in [
            \HTTPLimits.firstByteTime, \.headerTime, \.idleTime, \.bodyTime, \.bodyTotalTime, \.writeTime, \.stopTime,
        ] {
            limits[keyPath: time] = .seconds(600)
        }
        return limits
    }
}

extension HTTPClient {
    package func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        try await send(request, deadline: .seconds(600))
    }
}

package import SlipwayHTTP
package import Testing

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

extension Trait where Self == TimeLimitTrait {
    /// Ends a test that hangs, and no other: all of them run beside each other on whatever there is.
    package static var endsIfItHangs: Self { .timeLimit(.minutes(20)) }
}

/// Asks again and again, for what another process does in its own time.
/// - Parameter what: was waited for, in the words of the error.
/// - Throws: what asking throws; `NeverCame` after ten minutes, so that a failed test ends with a reason.
@discardableResult
package func eventually<Value>(
    _ what: String, isolation: isolated (any Actor)? = #isolation, _ ask: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + .seconds(600)
    while ContinuousClock.now < end {
        if let value = try await ask() { return value }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw NeverCame(what: what)
}

/// The same of what is so or is not yet.
package func waitUntil(
    _ what: String, isolation: isolated (any Actor)? = #isolation, _ isSo: () async throws -> Bool
) async throws {
    try await eventually(what) { try await isSo() ? true : nil }
}

package struct NeverCame: Error, CustomStringConvertible {
    let what: String

    package var description: String { "\(what) did not come" }
}

import Testing

@testable import SlipwayHTTP

/// How long the next byte of a body may take, told by time that nobody has to wait for.
@Suite struct BodyTimeTests {
    private func body() -> IncomingBody {
        var limits = HTTPLimits()
        limits.bodyTime = .seconds(30)
        limits.bodyTotalTime = .seconds(100)
        limits.bodyBytesPerSecond = 1000
        return IncomingBody(.unreadable, limits: limits)
    }

    @Test func `nothing may come for so long`() {
        var body = body()
        #expect(body.patience == .seconds(30))
        body.account(for: 0, after: .seconds(29))
        #expect(body.patience == .seconds(1))
        body.account(for: 0, after: .seconds(2))
        #expect(body.patience == .zero)
    }

    @Test func `what came fast at first does not count for ever`() {
        var body = body()
        body.account(for: 25 << 20, after: .milliseconds(10))
        #expect(body.patience == .seconds(30))
        for _ in 0..<30 { body.account(for: 1, after: .seconds(1)) }
        #expect(body.patience == .milliseconds(30))
        body.account(for: 1, after: .seconds(1))
        #expect(body.patience == .zero)
    }

    @Test func `a body that keeps the rate, by drops or by pieces, goes on until its whole time is over`() {
        for (bytes, time) in [(1, Duration.milliseconds(1)), (20_000, .seconds(20))] {
            var body = body()
            var waited = Duration.zero
            while body.patience > .zero {
                body.account(for: bytes, after: time)
                waited += time
            }
            #expect(waited == .seconds(100))
        }
    }

    @Test func `a slow stretch is made up for by a fast one`() {
        var body = body()
        body.account(for: 1, after: .seconds(29))
        body.account(for: 29_000, after: .zero)
        #expect(body.patience > .seconds(29))
    }

    @Test func `a body of any size and any rate is counted`() {
        var body = body()
        body.account(for: .max, after: .seconds(1))
        #expect(body.patience == .seconds(30))
    }
}

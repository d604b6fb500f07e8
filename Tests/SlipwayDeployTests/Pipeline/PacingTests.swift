import SlipwayDeploy
import Testing

struct PacingTests {
    @Test func `pauses grow to a bound`() {
        var pauses = Pauses(first: .seconds(1), factor: 2, longest: .seconds(5))
        #expect((0..<4).map { _ in pauses.take() } == [.seconds(1), .seconds(2), .seconds(4), .seconds(5)])
    }
}

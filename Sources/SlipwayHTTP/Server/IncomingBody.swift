import SlipwayNet

/// The state of a request's body: where its decoder is, and how long the client has kept us waiting for it.
final class IncomingBody {
    var decoder: HTTPBodyDecoder
    /// The client waits for "100 Continue", which is said when somebody wants the body.
    var owesContinue: Bool
    var hasFailed = false
    /// Its room in the budget went to others.
    var hasGivenWay = false

    /// The most that is read of a body that no handler wanted.
    static let skippedBytes = 65_536

    private let limits: HTTPLimits
    /// For how long nothing need come. Bytes add to it, up to `bodyTime`: what came fast at first does not count for ever.
    private var credit: Duration
    /// All the time that its bytes took.
    private var waited = Duration.zero

    init(_ head: HTTPRequestHead, limits: HTTPLimits) {
        decoder = HTTPBodyDecoder(
            head.framing,
            limits: HTTPBodyDecoder.Limits(trailerBytes: limits.headerBytes, trailerFields: limits.headerFields))
        owesContinue = head.expectsContinue
        self.limits = limits
        credit = limits.bodyTime
    }

    /// How long the next byte may take. Only time spent waiting counts, so that a handler that reads slowly does not
    /// make its client look slow.
    var patience: Duration { max(.zero, min(credit, limits.bodyTotalTime - waited)) }

    /// - Parameter time: that the bytes were waited for.
    func account(for bytes: Int, after time: Duration) {
        waited += time
        let earned = bytes.multipliedReportingOverflow(by: 1_000_000_000)
        let nanoseconds = (earned.overflow ? Int.max : earned.partialValue) / limits.bodyBytesPerSecond
        credit = min(limits.bodyTime, credit - time + .nanoseconds(nanoseconds))
    }
}

import SlipwayNet

/// The state of a request's body: where its decoder is, and how long the client has kept us waiting for it.
final class IncomingBody {
    var decoder: HTTPBodyDecoder
    /// The client waits for "100 Continue", which is said when somebody wants the body.
    var owesContinue: Bool
    var hasFailed = false

    /// The most that is read of a body that no handler wanted.
    static let skippedBytes = 65_536

    private var received = 0
    private var waited = Duration.zero
    private let limits: HTTPLimits

    init(_ head: HTTPRequestHead, limits: HTTPLimits) {
        decoder = HTTPBodyDecoder(
            head.framing,
            limits: HTTPBodyDecoder.Limits(trailerBytes: limits.headerBytes, trailerFields: limits.headerFields))
        owesContinue = head.expectsContinue
        self.limits = limits
    }

    /// How long the next byte may take. Only time spent waiting counts, so that a handler that reads slowly does not
    /// make its client look slow.
    var patience: Duration {
        let earned = Duration.milliseconds(
            received.multipliedReportingOverflow(by: 1000).partialValue / limits.bodyBytesPerSecond)
        return max(.zero, min(limits.bodyTime, limits.bodyTime + earned - waited))
    }

    func account(for bytes: Int, waitedSince start: Deadline) {
        received += bytes
        waited += start.elapsed
    }
}

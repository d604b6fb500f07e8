import SlipwayNet

/// The body of a request while it arrives, as a value: what is to be done for its next bytes, and how long they may take.
struct IncomingBody {
    /// What whoever wants the next bytes does.
    enum Action {
        /// Takes these, at least one.
        case piece([UInt8])
        /// Nothing: all of it was there.
        case end
        /// Says "100 Continue", and asks again.
        case sendContinue
        /// Reads; then `received` or `fail`.
        case read(until: Deadline)
        /// Fails with this, so that a handler that lets it pass answers with the right status.
        case fail(HTTPError)
    }

    /// The most that is read of a body that no handler wanted.
    static let skippedBytes = 65_536

    private var decoder: HTTPBodyDecoder
    /// The client waits for "100 Continue", which is said when somebody wants the body.
    private var owesContinue: Bool
    private var answerHasBegun = false
    /// Why no more of it can be had.
    private var failure: HTTPError?
    /// Since when somebody reads.
    private var readingSince: Deadline?

    /// For how long nothing need come. Bytes add to it, up to `bodyTime`: what came fast at first does not count for ever.
    private var credit: Duration
    /// What is left of `bodyTotalTime`.
    private var total: Duration
    private let mostCredit: Duration
    private let bytesPerSecond: Int

    init(_ head: HTTPRequestHead, limits: HTTPLimits) {
        decoder = HTTPBodyDecoder(
            head.framing,
            limits: HTTPBodyDecoder.Limits(trailerBytes: limits.headerBytes, trailerFields: limits.headerFields))
        owesContinue = head.expectsContinue
        credit = limits.bodyTime
        total = limits.bodyTotalTime
        mostCredit = limits.bodyTime
        bytesPerSecond = limits.bodyBytesPerSecond
    }

    var isComplete: Bool { decoder.isComplete }
    var isBeingRead: Bool { readingSince != nil }

    /// Whether what a handler leaves of it is worth reading for the sake of the connection. A client that still waits for
    /// "100 Continue" may or may not send the body: only closing is clear.
    var canBeSkipped: Bool {
        guard failure == nil else { return false }
        return isComplete || !owesContinue && (decoder.remaining ?? 0) <= Self.skippedBytes
    }

    /// Nothing may come between the answer's bytes any more.
    mutating func answerBegins() { answerHasBegun = true }

    mutating func next(of buffer: inout ReadBuffer, at now: Deadline) -> Action {
        if let failure { return .fail(failure) }
        var piece: [UInt8] = []
        do throws(HTTPParseError) {
            let progress = try decoder.decode(&buffer, into: &piece)
            if !piece.isEmpty { return .piece(piece) }
            if progress == .complete { return .end }
        } catch {
            // What came before the mistake is given first, as if it had come alone.
            guard piece.isEmpty else { return .piece(piece) }
            fail(error.refusal)
            return .fail(error.refusal)
        }
        if owesContinue, !answerHasBegun {
            owesContinue = false
            return .sendContinue
        }
        readingSince = now
        return .read(until: now + patience)
    }

    /// So many bytes came into the buffer.
    mutating func received(_ bytes: Int, at now: Deadline) {
        if let readingSince { account(for: bytes, after: now.since(readingSince)) }
        readingSince = nil
    }

    /// Its room in the budget goes to others.
    /// - Returns: false: all of it is there already, and keeps its room.
    mutating func giveWay() -> Bool {
        guard !isComplete else { return false }
        failure = failure ?? BodyBudget.gaveWay
        return true
    }

    /// The first reason stays.
    mutating func fail(_ error: HTTPError) {
        readingSince = nil
        failure = failure ?? error
    }

    /// How long the next byte may take. Only time spent waiting counts, so that a handler that reads slowly does not
    /// make its client look slow.
    var patience: Duration { max(.zero, min(credit, total)) }

    /// - Parameter time: that the bytes were waited for.
    mutating func account(for bytes: Int, after time: Duration) {
        total -= time
        let earned = bytes.multipliedReportingOverflow(by: 1_000_000_000)
        let nanoseconds = (earned.overflow ? Int.max : earned.partialValue) / bytesPerSecond
        credit = min(mostCredit, credit - time + .nanoseconds(nanoseconds))
    }
}

import SlipwayHTTP
import Synchronization

/// The last answer to `/status`, for as long as it is true.
final class StatusCache: Sendable {
    /// Taken before the answer is made: what changes meanwhile makes it out of date.
    struct Moment: Equatable, Sendable {
        /// Of the history.
        var revision: UInt64
        /// Of the configuration.
        var generation: UInt64
    }

    private let kept = Mutex<(moment: Moment, response: HTTPResponse)?>(nil)

    func response(at moment: Moment) -> HTTPResponse? {
        kept.withLock { $0?.moment == moment ? $0?.response : nil }
    }

    func keep(_ response: HTTPResponse, from moment: Moment) {
        kept.withLock { $0 = (moment, response) }
    }
}

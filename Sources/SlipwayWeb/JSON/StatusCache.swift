import SlipwayBase
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

    private struct Answer {
        var moment: Moment
        /// nil: it does not become untrue by itself.
        var end: Timestamp?
        var response: HTTPResponse
    }

    private let kept = Mutex<Answer?>(nil)

    func response(at moment: Moment, now: Timestamp) -> HTTPResponse? {
        kept.withLock { kept in
            guard let kept, kept.moment == moment, kept.end.map({ now < $0 }) ?? true else { return nil }
            return kept.response
        }
    }

    func keep(_ response: HTTPResponse, from moment: Moment, until end: Timestamp?) {
        kept.withLock { $0 = Answer(moment: moment, end: end, response: response) }
    }
}

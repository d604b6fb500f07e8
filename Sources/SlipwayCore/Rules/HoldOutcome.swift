internal import SlipwayBase

/// What a person asked for to hold jobs back or to let them go, and what is so now.
///
/// To let go of one hold is not to let go of all: a target that was resumed may be locked, and the whole queue paused.
package struct HoldOutcome: Sendable, Equatable {
    /// Raw values are the first words of the paths.
    package enum Change: String, Sendable, CaseIterable {
        case lock, unlock, pause, resume
    }

    package var change: Change
    /// nil: the whole queue.
    package var place: Place?
    /// Whether something changed; false: it was so already.
    package var isNew: Bool

    package struct Place: Sendable, Hashable {
        package var app: String
        package var target: String

        package init(app: String, target: String) {
            self.app = app
            self.target = target
        }
    }

    package init(_ change: Change, of place: Place?, isNew: Bool) {
        self.change = change
        self.place = place
        self.isNew = isNew
    }

    /// A sentence without its end.
    /// - Parameters:
    ///   - holds: as they are now.
    ///   - namesRequests: says which requests take off what still holds; a page has buttons.
    package func sentence(_ holds: Holds, namesRequests: Bool) -> String {
        let said = Said(holds: holds, namesRequests: namesRequests)
        guard let place else { return ([said.ofQueue(change, isNew)] + said.heldTargets(after: change)).joined() }
        let target = said.ofTarget(place, change, isNew)
        return ([target] + said.stillHolding(place, after: change)).joined(separator: "; ")
    }

    private struct Said {
        let holds: Holds
        let namesRequests: Bool

        private func request(_ text: String) -> String { namesRequests ? "; POST \(text)" : "" }

        // MARK: A target

        func ofTarget(_ place: Place, _ change: Change, _ isNew: Bool) -> String {
            let held = holds[place.app, place.target]
            switch (change, isNew) {
            case (.lock, true): return "\(place) is \(locked(held.lock))" + request("/unlock/\(place) unlocks it")
            case (.lock, false):
                return "\(place) was locked already by \(held.lock?.inWords ?? "someone"); that lock stays"
            case (.pause, true):
                return "\(place) is \(paused(held.pause))" + request("/resume/\(place) lets its automatic jobs go on")
            case (.pause, false):
                return "\(place) was paused already \(held.pause?.inWords ?? "by someone"); that pause stays"
            case (.unlock, _): return "\(place) \(isNew ? "is" : "was") not locked"
            case (.resume, _): return "\(place) \(isNew ? "is" : "was") not paused"
            }
        }

        /// What keeps jobs from starting there although the change let go of one hold.
        func stillHolding(_ place: Place, after change: Change) -> [String] {
            guard change == .unlock || change == .resume else { return [] }
            let held = holds[place.app, place.target]
            var still: [String] = []
            if held.lock != nil {
                still.append(
                    "it is still \(locked(held.lock)), so no job starts there" + request("/unlock/\(place) unlocks it"))
            }
            if held.pause != nil {
                still.append(
                    "it is still \(paused(held.pause)), so only what is asked for by hand runs there"
                        + request("/resume/\(place) lets its automatic jobs go on"))
            }
            if let queue = holds.queue {
                still.append(
                    "the whole queue is still paused \(queue.inWords), so only what is asked for by hand runs"
                        + request("/resume lets the others go on"))
            }
            return still
        }

        private func locked(_ lock: TargetLock?) -> String { "locked by \(lock?.inWords ?? "someone")" }
        private func paused(_ pause: Pause?) -> String { "paused \(pause?.inWords ?? "by someone")" }

        // MARK: The queue

        func ofQueue(_ change: Change, _ isNew: Bool) -> String {
            switch change {
            case .pause:
                let words = holds.queue?.inWords ?? "by someone"
                return isNew
                    ? "the queue is paused \(words), so only what is asked for by hand runs"
                        + request("/resume lets the others go on")
                    : "the queue was paused already \(words); that pause stays"
            case .resume, .lock, .unlock: return "the queue \(isNew ? "is" : "was") not paused"
            }
        }

        /// Those at which automatic jobs wait all the same.
        func heldTargets(after change: Change) -> [String] {
            let held = holds.heldPlaces
            guard change == .resume, !held.isEmpty else { return [] }
            let shown = held.prefix(5).map { place, held in "\(place) (\(held.lock != nil ? "locked" : "paused"))" }
            let more = held.count > shown.count ? " and \(held.count - shown.count) more" : ""
            return ["; still held: " + shown.joined(separator: ", ") + more]
        }
    }
}

extension HoldOutcome.Place: CustomStringConvertible {
    package var description: String { "\(app)/\(target)" }
}

import Synchronization

/// What all bodies that are kept while they arrive may take together, so that many clients cannot fill the memory or the
/// disk with what nobody has verified yet.
final class BodyBudget: Sendable {
    private struct State {
        var taken = 0
        var byAddress: [String: Int] = [:]
    }

    private let limit: Int
    private let state = Mutex(State())

    init(_ limits: HTTPLimits) {
        limit = limits.bodyBudgetBytes
    }

    /// A body's part of the budget, given back with the last reference to it.
    final class Share: Sendable {
        private let budget: BodyBudget
        private let address: String
        private let taken = Mutex(0)

        fileprivate init(_ budget: BodyBudget, _ address: String) {
            self.budget = budget
            self.address = address
        }

        deinit { budget.give(taken.withLock { $0 }, address) }

        /// - Throws: 503 where there is not so much left.
        func take(_ bytes: Int) throws(HTTPError) {
            guard budget.take(bytes, address) else {
                throw HTTPError(
                    .serviceUnavailable, code: "too_many_bodies",
                    message: "other requests' bodies take all the room there is; try again later",
                    headers: ["Retry-After": "10"])
            }
            taken.withLock { $0 += bytes }
        }
    }

    func share(of address: String) -> Share { Share(self, address) }

    /// One address gets half of it at most, so that one client alone cannot keep the others out.
    private func take(_ bytes: Int, _ address: String) -> Bool {
        state.withLock { state in
            let own = state.byAddress[address, default: 0] + bytes
            guard state.taken + bytes <= limit, own <= limit / 2 else { return false }
            state.taken += bytes
            state.byAddress[address] = own
            return true
        }
    }

    private func give(_ bytes: Int, _ address: String) {
        state.withLock { state in
            state.taken -= bytes
            let own = state.byAddress[address, default: bytes] - bytes
            state.byAddress[address] = own == 0 ? nil : own
        }
    }
}

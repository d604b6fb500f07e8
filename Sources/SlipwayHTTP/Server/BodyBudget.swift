import SlipwayNet
import Synchronization

/// What all bodies that are kept while they arrive may take together, so that many clients cannot fill the memory or the
/// disk with what nobody has verified yet.
///
/// A client may hold half of it for as long as nobody else needs the room. Once it is needed, a body that stands still
/// gives way first, and then one of the client that holds most, if that is more than the newcomer's client would hold: so
/// each client has its part whatever the others do. Of its own client a body takes the place of one that stands still
/// only. A body that is whole has what it needs: it is about to be judged.
final class BodyBudget: Sendable {
    fileprivate typealias ID = UInt64

    fileprivate struct Holding {
        let client: ClientNetwork
        let giveWay: @Sendable () -> Void
        var bytes = 0
        /// When it was last larger by a step than before.
        var movedAt: Deadline
        var nextStep = BodyBudget.step
        var isWhole = false

        func standsStill(at now: Deadline) -> Bool { movedAt + BodyBudget.stillness <= now }
    }

    fileprivate struct State {
        var taken = 0
        var byClient: [ClientNetwork: Int] = [:]
        var holdings: [ID: Holding] = [:]
        var lastID: ID = 0
    }

    private enum Answer {
        case taken
        case noRoom
        /// The body's room went to others.
        case gaveWay
    }

    /// A body that gets less than a step of bytes in this time stands still. To look alive by more than drops, it must use
    /// up its client's part.
    fileprivate static let stillness = Duration.seconds(1)
    private static let step = 65_536

    private let limit: Int
    private let state = Mutex(State())

    init(_ limits: HTTPLimits) {
        limit = limits.bodyBudgetBytes
    }

    /// A body's part of the budget, given back with the last reference to it.
    final class Share: Sendable {
        private let budget: BodyBudget
        private let id: ID

        fileprivate init(_ budget: BodyBudget, _ id: ID) {
            self.budget = budget
            self.id = id
        }

        deinit { budget.give(id) }

        /// - Throws: 503 where there is not so much left, or where this body has given way.
        func take(_ bytes: Int, at now: Deadline = .now()) throws(HTTPError) {
            switch budget.take(bytes, for: id, at: now) {
            case .taken: return
            case .noRoom: throw BodyBudget.noRoom
            case .gaveWay: throw BodyBudget.gaveWay
            }
        }

        /// The body has arrived: it does not give way any more.
        /// - Throws: 503 where it has done so already.
        func complete() throws(HTTPError) {
            guard budget.complete(id) else { throw BodyBudget.gaveWay }
        }
    }

    /// - Parameter giveWay: called once at most, when the body's room goes to others; from any thread, and not to block.
    func share(
        of client: ClientNetwork, at now: Deadline = .now(), giveWay: @escaping @Sendable () -> Void = {}
    ) -> Share {
        state.withLock { state in
            state.lastID += 1
            state.holdings[state.lastID] = Holding(client: client, giveWay: giveWay, movedAt: now)
            return Share(self, state.lastID)
        }
    }

    static let gaveWay = refusal("others needed the room that this body held; send it again")
    private static let noRoom = refusal("other requests' bodies take all the room there is; try again later")

    private static func refusal(_ message: String) -> HTTPError {
        HTTPError(.serviceUnavailable, code: "too_many_bodies", message: message, headers: ["Retry-After": "10"])
    }

    private func take(_ bytes: Int, for id: ID, at now: Deadline) -> Answer {
        let (answer, losers) = state.withLock { state in
            var losers: [Holding] = []
            guard var holding = state.holdings[id] else { return (Answer.gaveWay, losers) }
            while true {
                let own = state.byClient[holding.client, default: 0] + bytes
                let isOverPart = own > limit / 2
                guard isOverPart || state.taken + bytes > limit else { break }
                let loser = state.loser(to: id, of: holding.client, holding: own, onlyOfIt: isOverPart, at: now)
                guard let loser, let lost = state.remove(loser) else { return (Answer.noRoom, losers) }
                losers.append(lost)
            }
            state.taken += bytes
            state.byClient[holding.client, default: 0] += bytes
            holding.bytes += bytes
            if holding.bytes >= holding.nextStep {
                holding.nextStep = holding.bytes + Self.step
                holding.movedAt = now
            }
            state.holdings[id] = holding
            return (Answer.taken, losers)
        }
        for loser in losers { loser.giveWay() }
        return answer
    }

    private func complete(_ id: ID) -> Bool {
        state.withLock { state in
            state.holdings[id]?.isWhole = true
            return state.holdings[id] != nil
        }
    }

    private func give(_ id: ID) {
        // What it refers to may be released by it, and must not be so under the lock.
        _ = state.withLock { $0.remove(id) }
    }
}

extension BodyBudget.State {
    /// The body that gives way to one of a client that would hold so much.
    fileprivate func loser(
        to newcomer: BodyBudget.ID, of client: ClientNetwork, holding own: Int, onlyOfIt: Bool, at now: Deadline
    ) -> BodyBudget.ID? {
        var loser: (id: BodyBudget.ID, claim: (Int, Int, UInt64))?
        for (id, holding) in holdings where id != newcomer && !holding.isWhole && holding.bytes > 0 {
            let isStill = holding.standsStill(at: now)
            let ofClient = byClient[holding.client, default: 0]
            guard holding.client == client ? isStill : !onlyOfIt && ofClient > own else { continue }
            let claim = (isStill ? 1 : 0, ofClient, UInt64.max - holding.movedAt.nanoseconds)
            if loser.map({ claim > $0.claim }) ?? true { loser = (id, claim) }
        }
        return loser?.id
    }

    fileprivate mutating func remove(_ id: BodyBudget.ID) -> BodyBudget.Holding? {
        guard let holding = holdings.removeValue(forKey: id) else { return nil }
        taken -= holding.bytes
        let others = byClient[holding.client, default: holding.bytes] - holding.bytes
        byClient[holding.client] = others == 0 ? nil : others
        return holding
    }
}

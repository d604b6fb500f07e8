import SlipwayBase
import SlipwayCore
import SlipwayNet

/// Counts wrong tokens by client, so that a token cannot be found by trying: logins and `Authorization` together. A cookie
/// is no guess: its signature has 256 bits, and browsers go on sending those that have become old.
///
/// A client has `limit` a minute. Over that a request is answered as if nothing of it had been compared, right or wrong.
/// There are two exceptions, because an address may stand for many people, and one of them must not keep the others out:
///
/// - a token that was right from this client before. Only those who have that token are let in by it, and others gain
///   guesses at this one token, from the very address that its owner uses;
/// - any token of a client that is a proxy, where the server cannot tell people apart at all. Whatever is refused there is
///   refused to the owner as well, so guesses are as many as the server answers.
///
/// Both are for tokens that are long enough to withstand that (`Secret.isLong`). No answer is delayed, because requests that
/// wait would hold the connections of the very proxy.
struct Guesses: Sendable {
    static let limit = 10

    enum Judgement: Equatable {
        case right
        case wrong
        /// One guess too many; the client may come back after this.
        case refused(Duration)
    }

    private var wrong = Lately<ClientNetwork, Int>()
    /// The names of the tokens that were right from a client; nobody gets in here by guessing.
    private var known: [ClientNetwork: Set<String>] = [:]

    var count: Int { wrong.count }

    /// - Parameter token: which one matched. It is looked for in any case, so that the time taken tells nothing.
    mutating func judge(_ token: AccessToken?, from client: Client, at now: ContinuousClock.Instant) -> Judgement {
        let so = wrong.value(of: client.network, at: now)
        let refusal = so.flatMap { $0.value >= Self.limit ? Judgement.refused($0.left) : nil }
        guard let token else {
            if refusal == nil { wrong.set((so?.value ?? 0) + 1, of: client.network, at: now) }
            return refusal ?? .wrong
        }
        if let refusal {
            let isKnown = known[client.network]?.contains(token.name) == true
            guard token.value.isLong, client.isShared || isKnown else { return refusal }
        }
        remember(token, of: client)
        return .right
    }

    private mutating func remember(_ token: AccessToken, of client: Client) {
        guard known[client.network]?.contains(token.name) != true else { return }
        if known[client.network] == nil, known.count >= 4096 { known.remove(at: known.startIndex) }
        known[client.network, default: []].insert(token.name)
    }
}

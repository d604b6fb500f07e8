import SlipwayBase
import SlipwayCore
import SlipwayNet

/// Counts wrong tokens by client, so that a token cannot be found by trying: logins and `Authorization` together. A cookie
/// is not a guess: its signature has 256 bits, and browsers go on sending those that have become old.
///
/// Those beside a valid session count for the token of that session instead. A proxy may add one to each request of a
/// browser, whose client must not lose its guesses by that; nor may who has one token try others without end.
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

    /// Whom a guess counts for.
    enum Source: Hashable, Sendable {
        case client(ClientNetwork)
        /// Who has a session by the token of this name.
        case session(token: String)
    }

    enum Judgement: Equatable {
        case right
        case wrong
        /// One guess too many; the client may come back after this.
        case refused(Duration)
    }

    private var wrong = Lately<Source, Int>()
    /// The names of the tokens that were right from a source; nobody gets in here by guessing.
    private var known: [Source: Set<String>] = [:]

    var count: Int { wrong.count }

    /// - Parameters:
    ///   - token: which one matched. It is looked for in any case, so that the time taken tells nothing.
    ///   - isShared: whether the source may be many people, as a proxy is.
    mutating func judge(
        _ token: AccessToken?, from source: Source, isShared: Bool, at now: ContinuousClock.Instant
    ) -> Judgement {
        let so = wrong.value(of: source, at: now)
        let refusal = so.flatMap { $0.value >= Self.limit ? Judgement.refused($0.left) : nil }
        guard let token else {
            if refusal == nil { wrong.set((so?.value ?? 0) + 1, of: source, at: now) }
            return refusal ?? .wrong
        }
        if let refusal {
            let isKnown = known[source]?.contains(token.name) == true
            guard token.value.isLong, isShared || isKnown else { return refusal }
        }
        remember(token, of: source)
        return .right
    }

    private mutating func remember(_ token: AccessToken, of source: Source) {
        guard known[source]?.contains(token.name) != true else { return }
        if known[source] == nil, known.count >= 4096 { known.remove(at: known.startIndex) }
        known[source, default: []].insert(token.name)
    }
}

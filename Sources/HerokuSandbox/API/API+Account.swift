import SlipwayHTTP

extension API {
    mutating func addAccount() {
        let platform = platform
        on(.get, "/account") { _ in Reply(await platform.account) }
        on(.get, "/account/rate-limits", costsToken: false) { _ in
            Reply(["remaining": .integer(await platform.remainingTokens)])
        }
    }
}

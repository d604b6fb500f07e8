package import SlipwayCore

/// What `slipway check` asks of Heroku. Reads only.
package struct HerokuCheck: Sendable {
    /// One line of the check.
    package struct Finding: Sendable {
        package var holds: Bool
        /// What was found; when it does not hold, also what to do.
        package var text: String

        package init(holds: Bool, text: String) {
            self.holds = holds
            self.text = text
        }
    }

    private let api: HerokuAPI

    /// - Throws: when the configured CA file cannot be read.
    package init(settings: HerokuSettings, userAgent: String = "slipway") throws {
        self.init(try HerokuDeployment(settings: settings, userAgent: userAgent))
    }

    init(_ deployment: HerokuDeployment) {
        api = deployment.api
    }

    /// Whether the API key opens an account that may deploy.
    package func account() async -> Finding {
        await finding {
            let account = try await api.account()
            if account.suspendedAt != nil {
                return Finding(holds: false, text: "the Heroku account \(account.email) is suspended; see its mail")
            }
            if account.delinquentAt != nil {
                return Finding(holds: false, text: "the Heroku account \(account.email) has to be paid first")
            }
            return Finding(holds: true, text: "Heroku accepts the API key of \(account.email)")
        }
    }

    /// Whether an app is there and takes images. A deploy changes another stack, yet what the next push would change
    /// without being asked is worth a line that does not hold.
    package func app(_ name: String) async -> Finding {
        await finding {
            let app = try await api.app(name)
            guard app.isCedar else {
                return Finding(
                    holds: false,
                    text: "the Heroku app \(name) is of the generation \(app.generation?.name ?? "?"), which takes no "
                        + "images from the container registry; use an app of the generation cedar")
            }
            guard app.takesContainers else {
                return Finding(
                    holds: false,
                    text: "the Heroku app \(name) is on the stack \(app.stack?.name ?? "?"); the first deploy changes "
                        + "it, or do it now: `heroku stack:set container -a \(name)`")
            }
            return Finding(holds: true, text: "the Heroku app \(name) is on the stack container")
        }
    }

    /// The account, then every app; only the account when its key is not accepted.
    package func findings(apps: [String]) async -> [Finding] {
        let account = await account()
        guard account.holds else { return [account] }
        var findings = [account]
        for name in apps { findings.append(await app(name)) }
        return findings
    }

    private func finding(_ look: () async throws -> Finding) async -> Finding {
        do {
            return try await look()
        } catch let error as HerokuError {
            return Finding(holds: false, text: error.sentence)
        } catch {
            return Finding(holds: false, text: "Heroku could not be asked: \(error)")
        }
    }
}

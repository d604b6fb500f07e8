import SlipwayDeploy

/// Every number that bounds what is asked of Heroku and how long it is waited for.
struct HerokuLimits: Sendable {
    /// For one answer of the API. Real time, whatever the clock.
    var answerTime: Duration = .seconds(30)
    /// Bytes of one answer: 1,000 releases are about 1 MB.
    var answerBytes = 4_194_304
    /// How often a call is tried in all.
    var tries = 6
    /// The first pause after a failure; it doubles, give or take a quarter, up to `longestPause`.
    var pause: Duration = .seconds(1)
    var longestPause: Duration = .seconds(20)
    /// The first pause once the rate limit is used up: 75 requests come back each minute.
    var rateLimitPause: Duration = .seconds(30)
    var longestRateLimitPause: Duration = .seconds(300)
    /// Between the first two looks at something that changes; grows by a third each time, so that what is quick is
    /// seen at once and what is slow costs little: 4,500 requests an hour are for the whole account.
    var poll: Duration = .milliseconds(250)
    var longestPoll: Duration = .seconds(5)
    /// For a new release to appear after the formation was changed.
    var releaseTime: Duration = .seconds(10)
    /// How long a release's output may answer 404: its channel is made by another service, later than its URL.
    var channelTime: Duration = .seconds(60)
    /// The longest pause between two tries to read it; the first is `poll`.
    var channelPause: Duration = .seconds(1)
    /// For the rest of an output after what makes it has ended.
    var outputGrace: Duration = .seconds(10)
    /// For all dynos to be up. Pulling a large image precedes the 60 s that a web dyno has to bind its port.
    var dynosTime: Duration = .seconds(600)
    /// For how long a dyno must be seen crashed before that is believed: Heroku restarts it once at once.
    var crashedTime: Duration = .seconds(4)
    /// For the old dynos to go after a restart.
    var restartTime: Duration = .seconds(60)
    /// From a dyno's creation until it must be attached; Heroku gives up (R13) after about 30 s.
    var attachTime: Duration = .seconds(25)
    /// For one connection to the rendezvous. Real time, whatever the clock.
    var connectTime: Duration = .seconds(10)
    /// For a one-off's connection to end by itself once its exit code is known.
    var hangUpGrace: Duration = .seconds(5)
    /// Looks in a row at which a one-off dyno is not found before it is taken for gone, and the pause before each: right
    /// after its start not every server of Heroku's knows it.
    var goneLooks = 3
    var gonePause: Duration = .seconds(1)
    /// How long old dynos may answer with preboot: Heroku switches after about 3 min.
    var prebootTime: Duration = .seconds(210)
    /// For one answer of the deployed app. Real time, whatever the clock.
    var healthTime: Duration = .seconds(30)
    /// Bytes of it that are searched for the commit.
    var healthBytes = 1_048_576
    /// Redirects followed within one host.
    var redirects = 5
}

extension Pauses {
    /// - Parameter longest: nil: as the limits say.
    static func polling(_ limits: HerokuLimits, longest: Duration? = nil) -> Pauses {
        Pauses(first: limits.poll, factor: 4 / 3, longest: longest ?? limits.longestPoll)
    }
}

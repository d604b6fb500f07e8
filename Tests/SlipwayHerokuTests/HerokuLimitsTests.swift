import SlipwayDeploy
import Testing

@testable import SlipwayHeroku

struct HerokuLimitsTests {
    @Test func `a step's own limit is a backstop behind those of Heroku's, which say more`() {
        let heroku = HerokuLimits()
        let longest = heroku.releaseTime + heroku.restartTime + heroku.dynosTime
        // Each of the calls between may also wait for the rate limit to fill up again.
        let rateLimit = heroku.rateLimitPause + heroku.longestRateLimitPause * 2
        #expect(StepLimits().release > longest + rateLimit)
        #expect(StepLimits().slack > heroku.prebootTime + heroku.releaseTime + heroku.restartTime + rateLimit)
    }
}

import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestLogs
import Testing

@testable import SlipwayDeploy

struct LookoutTests {
    private let platform = AnsweringPlatform()
    private let feed = Feed()
    private let log = LogRecorder()
    private let store: SQLiteStore
    private let configuration: Current<Configuration>

    init() throws {
        store = try SQLiteStore.inMemory(feed: feed)
        var app = App(name: "shop", repository: "owner/shop", cloneURL: "file:///shop")
        app.targets = ["staging", "production"].map {
            Target(name: $0, place: Place(platform: "heroku", name: "shop-\($0)"))
        }
        configuration = Current(
            Configuration(
                server: ServerSettings(host: "127.0.0.1", port: 0, data: "/nowhere"), apps: [app], secrets: []))
    }

    private var lookout: Lookout {
        Lookout(
            PlatformLook(Platforms([platform]), store, log.logger), configuration: configuration, feed: feed,
            logger: log.logger)
    }

    private func state(_ target: String) async throws -> Standing.State {
        let target = try #require(configuration.value.apps[0].target(named: target))
        return try await store.standing(app: "shop", target: target, at: .now()).state
    }

    @Test func `asks every target, and says once which of them does not answer`() async throws {
        let lookout = lookout
        platform.put(.image("142013fe2b5c"), at: "shop-production")
        await lookout.lookAround()
        await lookout.lookAround()
        #expect(platform.asked.sorted() == ["shop-production", "shop-production", "shop-staging", "shop-staging"])
        #expect(try await state("production") == .live)
        #expect(try await state("staging") == .unknown)
        #expect(log.warnings.count == 1)
        #expect(log.warnings.first?.contains("shop/staging") == true)
        #expect(log.warnings.first?.contains("Heroku could not be reached") == true)
        platform.put(.nothing, at: "shop-staging")
        await lookout.lookAround()
        #expect(try await state("staging") == .empty)
        #expect(log.notices == ["it is known again what runs at shop/staging"])
    }

    @Test func `a platform that was not asked for ten minutes is unknown, and pages are told`() async throws {
        let target = configuration.value.apps[0].targets[0]
        let long = Timestamp.now() - .seconds(601)
        try await store.record(
            Sighting(at: long, of: target.place, .image("142013fe2b5c")), app: "shop", target: "staging",
            since: try await store.mark(of: target.place))
        #expect(try await state("staging") == .unknown)
        var changes = feed.changes().makeAsyncIterator()
        await lookout.lookAround()
        guard case .reset? = await changes.next()?.kind else {
            Issue.record("no page was told")
            return
        }
    }

    @Test func `a look that somebody waits for has its answer, or says why there is none`() async throws {
        let target = configuration.value.apps[0].targets[0]
        await #expect(throws: NoAnswer.self) { try await lookout.look(at: target, of: "shop") }
        platform.put(.image("142013fe2b5c", version: 4), at: "shop-staging")
        let standing = try await lookout.look(at: target, of: "shop")
        #expect(standing.state == .live && standing.live?.version == 4)
    }

    @Test func `another place of the target is asked, and what was seen at the first is forgotten`() async throws {
        platform.put(.image("142013fe2b5c"), at: "shop-staging")
        await lookout.lookAround()
        configuration.value.apps[0].targets[0].place.name = "moved"
        #expect(try await state("staging") == .unknown)
        platform.put(.nothing, at: "moved")
        await lookout.lookAround()
        #expect(try await state("staging") == .empty)
    }
}

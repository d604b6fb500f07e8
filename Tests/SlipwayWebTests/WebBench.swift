import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet
import SlipwayStore
import SlipwayWeb
import Synchronization
import Testing

/// The window over a real store in a folder of its own, with the pages of this repository.
final class WebBench: Sendable {
    let folder: String
    let feed = Feed()
    let store: SQLiteStore
    let logs: FileLogBook
    let configuration: Current<Configuration>
    let web: WebApplication
    let router: Router
    let clock: Mutex<Timestamp>
    let unready: Mutex<String?>

    static let publicFolder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Public").path

    init(publicURL: String? = nil, publicStatus: Bool = false, proxies: [String] = []) async throws {
        folder = FileManager.default.temporaryDirectory.path + "/slipway-web-" + UUID().uuidString
        store = try await SQLiteStore.open(at: folder, feed: feed)
        logs = FileLogBook(folder: folder + "/logs", feed: feed)
        var server = ServerSettings(host: "127.0.0.1", port: 0, data: folder)
        server.publicURL = publicURL
        server.publicStatus = publicStatus
        server.trustedProxies = proxies
        server.tokens = [
            AccessToken(name: "ops", value: Secret("ops-token-value"), permissions: [.read, .deploy]),
            AccessToken(name: "guest", value: Secret("guest-token-value"), permissions: [.read]),
            AccessToken(name: "robot", value: Secret("robot-token-value"), permissions: [.deploy]),
        ]
        let app = App(
            name: "my_app", repository: "owner/my_app", cloneURL: "https://git.example/owner/my_app.git",
            targets: [
                Target(name: "homolog", herokuApp: "my-app-homolog"), Target(name: "production", herokuApp: "my-app"),
            ])
        let settings = HerokuSettings(apiKey: Secret("key"))
        configuration = Current(
            Configuration(server: server, heroku: settings, github: GitHubSettings(), apps: [app], secrets: []))
        let clock = Clock()
        let unready = Reason()
        self.clock = clock.now
        self.unready = unready.text
        web = try WebApplication(
            configuration: configuration, history: store, logs: logs, feed: feed, folder: Self.publicFolder,
            version: "1.2.3", startedAt: Timestamp(milliseconds: 1_795_000_000_000), heartbeat: .milliseconds(20),
            now: { clock.now.withLock { $0 } }, unready: { unready.text.withLock { $0 } }, report: { _ in })
        var router = Router()
        web.addRoutes(to: &router)
        self.router = router
    }
}

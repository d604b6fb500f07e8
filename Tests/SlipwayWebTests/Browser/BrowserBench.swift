import Foundation
import SlipwayCore
import SlipwayHTTP
import TestSupport
import Testing

/// The window on a port of its own, and a browser before it.
final class BrowserBench {
    let bench: WebBench
    let chromium: Chromium
    let port: Int
    /// How many event streams were asked for.
    let streams = Box(0)
    private let router: Router
    private var serving: Task<Void, any Error>

    var address: String { "http://127.0.0.1:\(port)" }

    init() async throws {
        bench = try await WebBench()
        chromium = try Chromium()
        var router = bench.router
        router.finish = { [streams, finish = router.finish] request, response in
            if request.target.path == "/events" { streams.change { $0 += 1 } }
            finish(request, &response)
        }
        self.router = router
        let server = try HTTPServer(host: "127.0.0.1", port: 0, limits: .quick, router: router)
        port = server.port
        serving = Task { try await server.run() }
    }

    deinit { serving.cancel() }

    /// From now on nobody answers.
    func stop() async throws {
        serving.cancel()
        try await serving.value
    }

    func start() throws {
        let server = try HTTPServer(host: "127.0.0.1", port: port, limits: .quick, router: router)
        serving = Task { try await server.run() }
    }

    /// A page that somebody who may deploy looks at.
    func tab(_ path: String = "/", width: Int = 1200, height: Int = 800) async throws -> Tab {
        let tab = try await chromium.tab()
        try await tab.show(width: width, height: height)
        try await tab.logIn(at: address, token: "ops-token-value")
        if path != "/" { try await tab.open(address + path) }
        try await tab.wait(for: "document.readyState === 'complete'")
        return tab
    }
}

extension HTTPLimits {
    /// An end that waits for nobody's stream.
    fileprivate static var quick: HTTPLimits {
        var limits = HTTPLimits.patient
        limits.stopTime = .milliseconds(1)
        return limits
    }
}

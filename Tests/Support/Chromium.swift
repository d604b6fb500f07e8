package import Foundation
import Glibc
import Synchronization

/// A headless Chromium with a profile of its own, driven by its DevTools protocol over two pipes. It ends with them.
package final class Chromium: Sendable {
    /// Where it is installed; nil: it is not (`scripts/setup browser`).
    package static let path = ["/usr/bin/chromium", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    package struct Refused: Error {
        package let what: String
    }

    private struct State {
        var last = 0
        var waiting: [Int: CheckedContinuation<Data, any Error>] = [:]
        var isOver = false
    }

    private let profile: TemporaryFolder
    private let process: pid_t
    private let commands: Int32
    private let state = Mutex(State())

    package init() throws {
        guard let path = Self.path else { throw Refused(what: "there is no Chromium") }
        // Written to after its end, a pipe is an error and nothing worse.
        signal(SIGPIPE, SIG_IGN)
        profile = try TemporaryFolder()
        var (down, up): ([Int32], [Int32]) = ([0, 0], [0, 0])
        guard pipe(&down) == 0, pipe(&up) == 0 else { throw Refused(what: "no pipe") }
        for descriptor in down + up { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        // What Chromium reads commands from, and what it answers on.
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Away from 3 and 4 first, for one of them may be the other's place.
        let (reading, answering) = (fcntl(down[0], F_DUPFD_CLOEXEC, 10), fcntl(up[1], F_DUPFD_CLOEXEC, 10))
        posix_spawn_file_actions_adddup2(&actions, reading, 3)
        posix_spawn_file_actions_adddup2(&actions, answering, 4)
        for output in [Int32(1), 2] { posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0) }
        let arguments = [
            path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-extensions", "--disable-background-networking", "--remote-debugging-pipe",
            "--user-data-dir=\(profile.path)", "about:blank",
        ]
        var argv = arguments.map { strdup($0) } + [nil]
        var environment = [strdup("PATH=/usr/bin:/bin"), strdup("HOME=\(profile.path)"), strdup("LANG=C.UTF-8"), nil]
        defer { for text in argv + environment { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, path, &actions, nil, &argv, &environment)
        for descriptor in [down[0], up[1], reading, answering] { close(descriptor) }
        process = pid
        commands = down[1]
        let answers = up[0]
        guard code == 0 else { throw Refused(what: "\(path) does not start: \(code)") }
        Thread.detachNewThread { [weak self] in
            var rest = Data()
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while case let count = read(answers, &buffer, buffer.count), count > 0 {
                rest += buffer[..<count]
                while let end = rest.firstIndex(of: 0) {
                    self?.take(Data(rest[..<end]))
                    rest = Data(rest[(end + 1)...])
                }
            }
            close(answers)
            self?.end()
        }
    }

    deinit {
        close(commands)
        // It takes its own children along.
        kill(process, SIGTERM)
        waitpid(process, nil, 0)
    }

    /// A page of its own; the first one is there from the start.
    package func tab(_ url: String = "about:blank") async throws -> Tab {
        let target: [String: String] = try await call("Target.createTarget", ["url": url])
        let session: [String: String] = try await call(
            "Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true])
        return Tab(browser: self, target: target["targetId"] ?? "", session: session["sessionId"] ?? "")
    }

    /// Kilobytes of memory of each of its renderers, each page shared by processes counted in parts (PSS).
    package func renderers() async throws -> [Int] {
        let answer = try await object(of: "SystemInfo.getProcessInfo", [:], in: nil)
        let processes = answer["processInfo"] as? [[String: Any]] ?? []
        return processes.filter { $0["type"] as? String == "renderer" }.compactMap { $0["id"] as? Int }
            .compactMap { id in
                let text = try? String(contentsOfFile: "/proc/\(id)/smaps_rollup", encoding: .utf8)
                let line = text?.split(separator: "\n").first { $0.hasPrefix("Pss:") }
                return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
            }
    }

    fileprivate func call(
        _ method: String, _ parameters: [String: Any] = [:], in session: String? = nil
    ) async throws -> [String: String] {
        try await object(of: method, parameters, in: session).compactMapValues { $0 as? String }
    }

    /// - Throws: `Refused` for an error that the browser answers, and when it ends.
    fileprivate func object(
        of method: String, _ parameters: [String: Any], in session: String?
    ) async throws -> [String: Any] {
        var message: [String: Any] = ["method": method, "params": parameters]
        message["sessionId"] = session
        let id = state.withLock { state in
            state.last += 1
            return state.last
        }
        message["id"] = id
        let text = try JSONSerialization.data(withJSONObject: message) + [0]
        let answer = try await withCheckedThrowingContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiting[id] = continuation }
                return state.isOver
            }
            if isOver { return continuation.resume(throwing: Refused(what: "Chromium has ended")) }
            var sent = 0
            while sent < text.count {
                let count = text.withUnsafeBytes { write(commands, $0.baseAddress! + sent, text.count - sent) }
                guard count > 0 else { return }
                sent += count
            }
        }
        let object = try JSONSerialization.jsonObject(with: answer) as? [String: Any] ?? [:]
        if let error = object["error"] { throw Refused(what: "\(method): \(error)") }
        return object["result"] as? [String: Any] ?? [:]
    }

    private func take(_ message: Data) {
        let object = try? JSONSerialization.jsonObject(with: message) as? [String: Any]
        guard let id = object?["id"] as? Int else { return }
        state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: message)
    }

    private func end() {
        let waiting = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume(throwing: Refused(what: "Chromium has ended")) }
    }
}

/// A page in a browser.
package struct Tab: Sendable {
    fileprivate let browser: Chromium
    fileprivate let target: String
    fileprivate let session: String

    /// Goes to an address; ends when it has answered.
    package func open(_ url: String) async throws {
        try await call("Page.enable")
        let answer = try await call("Page.navigate", ["url": url])
        if let error = answer["errorText"] { throw Chromium.Refused(what: "\(url): \(error)") }
    }

    /// What an expression is; a promise's value when it is there.
    package func text(_ expression: String) async throws -> String {
        let answer = try await browser.object(
            of: "Runtime.evaluate",
            [
                "expression": "(async () => String(await (\(expression))))()", "awaitPromise": true,
                "returnByValue": true,
            ], in: session)
        guard answer["exceptionDetails"] == nil, let value = (answer["result"] as? [String: Any])?["value"] as? String
        else { throw Chromium.Refused(what: "\(expression): \(answer)") }
        return value
    }

    /// While a page comes, nothing can be said of it.
    package func wait(for condition: String) async throws {
        try await waitUntil(condition) { (try? await text(condition)) == "true" }
    }

    /// As a person does.
    package func logIn(at address: String, token: String) async throws {
        try await open(address + "/login")
        try await wait(for: "document.readyState === 'complete' && document.title.startsWith('Log in')")
        _ = try await text(
            "(document.querySelector('#token').value = '\(token)', document.querySelector('.login').submit())")
        try await wait(for: "document.readyState === 'complete' && document.title.startsWith('Dashboard')")
    }

    /// Moves the pointer to the middle of an element, without pressing anything.
    package func point(at selector: String) async throws {
        let place = try await text(
            """
            (() => {
                const element = document.querySelector(`\(selector)`);
                element.scrollIntoView({ block: "center" });
                const { x, y, width, height } = element.getBoundingClientRect();
                return `${x + width / 2} ${y + height / 2}`;
            })()
            """
        ).split(separator: " ").compactMap { Double($0) }
        try await call("Input.dispatchMouseEvent", ["type": "mouseMoved", "x": place[0], "y": place[1]])
    }

    package func show(width: Int, height: Int) async throws {
        try await call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
    }

    package func turnScriptsOff() async throws {
        try await call("Emulation.setScriptExecutionDisabled", ["value": true])
    }

    /// Before everything that the page itself runs, from the next page on.
    package func run(atStart script: String) async throws {
        try await call("Page.addScriptToEvaluateOnNewDocument", ["source": script])
    }

    package func bringToFront() async throws { try await call("Page.bringToFront") }

    package func close() async throws { _ = try await browser.call("Target.closeTarget", ["targetId": target]) }

    /// Kilobytes that its scripts hold, once what nobody needs is gone.
    package func heap() async throws -> Int {
        try await call("HeapProfiler.collectGarbage")
        let answer = try await browser.object(of: "Runtime.getHeapUsage", [:], in: session)
        return Int(answer["usedSize"] as? Double ?? 0) / 1024
    }

    /// A PNG of what is seen.
    package func picture() async throws -> Data {
        Data(base64Encoded: try await call("Page.captureScreenshot")["data"] ?? "") ?? Data()
    }

    @discardableResult
    private func call(_ method: String, _ parameters: [String: Any] = [:]) async throws -> [String: String] {
        try await browser.call(method, parameters, in: session)
    }
}

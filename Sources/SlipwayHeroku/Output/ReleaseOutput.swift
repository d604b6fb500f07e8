import Foundation
import SlipwayBase
import SlipwayDeploy
import SlipwayHTTP

/// The output of a release phase on its way to the step's log.
///
/// It decides nothing: it starts late, breaks off and ends before the release does (docs/heroku.md, T4), so all
/// that goes wrong here is a line in the log.
struct ReleaseOutput: Sendable {
    let url: String
    let client: HTTPClient
    let log: StepLog
    let clock: any Clock<Duration>
    let limits: HerokuLimits
    let userAgent: String
    /// How long the release may take: for the connection.
    let timeout: Duration

    /// What of the output is needed later.
    struct Summary: Sendable {
        var bytes = 0
        /// From a line such as `exited with status 3`.
        var exitCode: Int?
    }

    private enum Reading {
        case ended, notThere, refused(HTTPStatus), broken(String)
    }

    /// Reads to the end of the output, through breaks.
    func follow() async throws -> Summary {
        var state = State()
        let watch = Stopwatch(clock)
        var breaksWithoutNews = 0
        var pauses = Pauses.polling(limits, longest: limits.channelPause)
        while true {
            let before = state.summary.bytes
            switch await read(&state) {
            case .ended:
                await log.flush()
                return state.summary
            case .notThere:
                guard watch.elapsed < limits.channelTime else {
                    await log.line("Heroku offers no output of this release phase; `heroku logs` may have it")
                    return state.summary
                }
            case .refused(let status):
                await log.line("Heroku answers \(status) for the output of this release phase; going on without it")
                return state.summary
            case .broken(let reason):
                breaksWithoutNews = state.summary.bytes > before ? 0 : breaksWithoutNews + 1
                guard breaksWithoutNews < 20 else {
                    await log.line(
                        "the release phase's output breaks off again and again (\(reason)); going on without it")
                    return state.summary
                }
            }
            try Task.checkCancellation()
            try await clock.sleep(for: pauses.take())
        }
    }

    private struct State {
        var summary = Summary()
        var lines = LineSplitter()
        var lastEventID: String?
    }

    private func read(_ state: inout State) async -> Reading {
        // No key: the URL itself is one.
        var request = HTTPClientRequest(.get, url, headers: ["User-Agent": userAgent])
        if let id = state.lastEventID {
            request.headers["Last-Event-Id"] = id
        } else if state.summary.bytes > 0 {
            request.headers["Range"] = "bytes=\(state.summary.bytes)-"
        }
        do {
            let response = try await client.send(request, deadline: timeout)
            switch response.status {
            case .notFound: return .notThere
            case .rangeNotSatisfiable: return .ended
            case .ok, .partialContent: break
            default:
                return response.status.code >= 500
                    ? .broken("status \(response.status)") : .refused(response.status)
            }
            if response.headers["Content-Type"]?.lowercased().hasPrefix("text/event-stream") == true {
                try await readEvents(response.body, &state)
            } else {
                // 200 to a request for the rest: all of it comes again.
                let known = response.status == .ok ? state.summary.bytes : 0
                try await readText(response.body, skipping: known, &state)
            }
            return .ended
        } catch {
            return .broken("\(error)")
        }
    }

    private func readText(_ body: HTTPRequestBody, skipping known: Int, _ state: inout State) async throws {
        var toSkip = known
        while var piece = try await body.read() {
            let skipped = min(toSkip, piece.count)
            toSkip -= skipped
            piece.removeFirst(skipped)
            await write(piece, &state)
        }
    }

    private func readEvents(_ body: HTTPRequestBody, _ state: inout State) async throws {
        var parser = EventStreamParser()
        while let piece = try await body.read() {
            for event in parser.take(piece) {
                state.lastEventID = event.id
                await write(Array((event.data + "\n").utf8), &state)
            }
        }
    }

    private func write(_ bytes: [UInt8], _ state: inout State) async {
        state.summary.bytes += bytes.count
        for line in state.lines.take(bytes) {
            if let code = Self.exitCode(in: line) { state.summary.exitCode = code }
        }
        await log.write(bytes)
    }

    static func exitCode(in line: String) -> Int? {
        guard let words = line.range(of: "exited with status ") else { return nil }
        return Int(line[words.upperBound...].prefix { $0.isASCII && $0.isNumber })
    }
}

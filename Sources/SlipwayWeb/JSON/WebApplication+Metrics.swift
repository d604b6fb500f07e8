import SlipwayBase
import SlipwayCore
import SlipwayHTTP

extension WebApplication {
    /// `GET /metrics` in Prometheus' text format.
    func metrics(_ request: HTTPRequest) async throws -> HTTPResponse {
        _ = try access.authorizeStatus(request)
        let counts = try await history.jobCounts()
        var text = """
            # HELP slipway_build_info The running version.
            # TYPE slipway_build_info gauge
            slipway_build_info{version="\(version)"} 1
            # HELP slipway_start_time_seconds When the server started, in seconds since 1970.
            # TYPE slipway_start_time_seconds gauge
            slipway_start_time_seconds \(Double(startedAt.milliseconds) / 1000)
            # HELP slipway_jobs Jobs on record by their state now.
            # TYPE slipway_jobs gauge

            """
        for state in Job.State.allCases {
            text += "slipway_jobs{state=\"\(state.rawValue)\"} \(counts[state] ?? 0)\n"
        }
        text += """
            # HELP slipway_live_since_seconds Since when a target's release is live, in seconds since 1970.
            # TYPE slipway_live_since_seconds gauge

            """
        for app in configuration.value.apps {
            for target in app.targets {
                guard let live = try await history.live(app: app.name, target: target.name) else { continue }
                text += "slipway_live_since_seconds{app=\"\(app.name)\",target=\"\(target.name)\"} "
                text += "\(Double(live.since.milliseconds) / 1000)\n"
            }
        }
        return .text(text, type: "text/plain; version=0.0.4; charset=utf-8")
    }
}

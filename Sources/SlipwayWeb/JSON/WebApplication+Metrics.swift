import SlipwayBase
import SlipwayCore
import SlipwayHTTP

extension WebApplication {
    /// `GET /metrics` in Prometheus' text format.
    func metrics(_ request: HTTPRequest) async throws -> HTTPResponse {
        _ = try await access.authorizeStatus(request)
        let queue = try await history.queue()
        let latest = try await history.jobs(
            JobFilter(states: Set(Job.State.allCases.filter(\.hasEnded)), limit: 200))
        var text = """
            # HELP slipway_build_info The running version.
            # TYPE slipway_build_info gauge
            slipway_build_info{version="\(version)"} 1
            # HELP slipway_start_time_seconds When the server started, in seconds since 1970.
            # TYPE slipway_start_time_seconds gauge
            slipway_start_time_seconds \(Double(startedAt.milliseconds) / 1000)
            # HELP slipway_queue_jobs Jobs that run or wait now.
            # TYPE slipway_queue_jobs gauge
            slipway_queue_jobs{state="running"} \(queue.running.count)
            slipway_queue_jobs{state="queued"} \(queue.queuedCount)
            # HELP slipway_recent_jobs How the latest 200 jobs that have ended did.
            # TYPE slipway_recent_jobs gauge

            """
        for state in Job.State.allCases where state.hasEnded {
            text += "slipway_recent_jobs{state=\"\(state.rawValue)\"} \(latest.count { $0.state == state })\n"
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

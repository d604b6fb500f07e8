import ArgumentParser
import Foundation
import Logging
import SlipwayBase
import SlipwayCore

/// From "listening" to the last log line.
struct Lifecycle: Sendable {
    let server: Server
    let reload: Reload
    let logger: Logger
    let writer: LogWriter

    /// - Throws: `ExitStatus.failed` when a part of the server gave up by itself.
    func run(_ signals: Signals) async throws {
        let work = Task { try await server.run() }
        logger.notice("slipway \(Slipway.version) is ready", metadata: ["address": "\(server.address)"])
        logger.notice("dashboard: \(server.configuration.value.server.publicURL ?? server.address)/")
        let listening = Task { await listen(signals, stopping: work) }
        defer { listening.cancel() }
        do {
            try await work.value
        } catch is CancellationError {
            // Asked for.
        } catch {
            logger.critical("the server stopped: \(error)")
            throw ExitStatus.failed
        }
        logger.notice("stopped")
    }

    private func listen(_ signals: Signals, stopping work: Task<Void, any Error>) async {
        var isStopping = false
        for await kind in signals.received {
            switch kind {
            case .hangUp:
                reload.run()
                server.reconfigured()
            case .terminate, .interrupt:
                if isStopping {
                    logger.notice("asked a second time: leaving at once; running jobs go on at the next start")
                    writer.finish()
                    exit(kind == .interrupt ? 130 : 0)
                }
                isStopping = true
                logger.notice("stopping", metadata: ["signal": kind == .interrupt ? "SIGINT" : "SIGTERM"])
                work.cancel()
            }
        }
    }
}

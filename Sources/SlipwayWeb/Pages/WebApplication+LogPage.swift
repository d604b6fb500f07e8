import SlipwayBase
import SlipwayCore
import SlipwayHTTP

/// A job's log on its page: drawn by the server when the page is, and then what comes, so that there is one way to draw
/// it.
extension WebApplication {
    /// Bytes of the end of a log that a page shows; the rest is a link away.
    private static let longestShownLog = 262_144
    /// Bytes that are added to a page at once.
    private static let longestAddition = 65_536

    /// What a page shows of a log.
    func shownLog(of job: Job) async throws -> [String: Any] {
        let size = try await logs.size(job: job.id, step: nil)
        var start = max(0, size - Self.longestShownLog)
        if start > 0 { start = try await lineStart(in: job, after: start) }
        var runs: [ColouredText.Run] = []
        var end = start
        while end < size {
            let piece = try await logs.read(job: job.id, step: nil, from: end, limit: size - end)
            guard piece.next > end else { break }
            runs += piece.runs
            end = piece.next
        }
        var log = Self.values(of: runs, end: end)
        log["isCut"] = start > 0
        try await addUnfinished(of: job, to: &log)
        return log
    }

    /// `GET /jobs/{id}/log?as=html`: what comes behind an offset, as the page shows it; `data-end` says where it ends.
    func logAddition(of job: Job, from offset: Int) async throws -> HTTPResponse {
        let piece = try await logs.read(job: job.id, step: nil, from: offset, limit: Self.longestAddition)
        // Only lines that are whole: a style ends with its line, so that each can be drawn by itself.
        var text = piece
        if let end = piece.bytes[...].lastIndex(ofByte: UInt8(ascii: "\n")), !piece.isOmission {
            text.bytes = Array(piece.bytes[...end])
            text.next -= piece.bytes.count - text.bytes.count
        }
        var log = Self.values(of: text.runs, end: text.next)
        try await addUnfinished(of: job, to: &log)
        return pages.response("log-addition", log)
    }

    private static func values(of runs: [ColouredText.Run], end: Int) -> [String: Any] {
        [
            "runs": runs.map { run -> [String: String] in
                run.classes.isEmpty ? ["text": run.text] : ["text": run.text, "style": run.classes]
            },
            "end": String(end),
        ]
    }

    private func addUnfinished(of job: Job, to log: inout [String: Any]) async throws {
        let line = await logs.unfinished(job: job.id, step: nil)
        log["isUnfinished"] = !line.isEmpty
        log["unfinished"] = ColouredText(line).runs.map { ["text": $0.text, "style": $0.classes] }
    }

    private func lineStart(in job: Job, after offset: Int) async throws -> Int {
        let piece = try await logs.read(job: job.id, step: nil, from: offset, limit: Self.longestAddition)
        guard !piece.isOmission, let end = piece.bytes[...].firstIndex(ofByte: UInt8(ascii: "\n")) else {
            return offset
        }
        return offset + end + 1
    }
}

extension LogPiece {
    /// Slipway's own lines have a class of their own, which no line of a command can get.
    fileprivate var runs: [ColouredText.Run] {
        var runs: [ColouredText.Run] = []
        var start = 0
        // The bytes may have been cut to whole lines.
        for range in own.map({ $0.clamped(to: 0..<bytes.count) }) where !range.isEmpty {
            runs += ColouredText(Array(bytes[start..<range.lowerBound])).runs
            runs += ColouredText(Array(bytes[range])).runs.map { run in
                ColouredText.Run(classes: run.classes.isEmpty ? "own" : "own " + run.classes, text: run.text)
            }
            start = range.upperBound
        }
        return runs + ColouredText(Array(bytes[start...])).runs
    }
}

import SlipwayBase
import SlipwayCore
import SlipwayHTTP

/// A job's log on its page: drawn by the server when the page is, and then what comes, so that there is one way to draw
/// it. However long the log is, a page has some thousand lines of its end, and the rest is a link away.
extension WebApplication {
    /// What a page shows of the end of a log when it is drawn, and what it may lag behind.
    private static let shown = LogBounds(bytes: 262_144, lines: 2000)
    /// What is added to a page at once.
    private static let addition = LogBounds(bytes: 65_536, lines: 1000)

    /// What a page shows of a log.
    func shownLog(of job: Job) async throws -> [String: Any] {
        let size = try await logs.size(job: job.id, step: nil)
        let start = try await self.start(of: Self.shown, before: size, in: job)
        var runs: [ColouredText.Run] = []
        var end = start
        while end < size {
            let piece = try await logs.read(job: job.id, step: nil, from: end, limit: size - end)
            guard piece.next > end else { break }
            runs += piece.runs
            end = piece.next
        }
        var log = Self.values(of: runs, start..<end)
        log["isCut"] = start > 0
        try await addUnfinished(of: job, to: &log)
        return log
    }

    /// `GET /jobs/{id}/log?as=html`: what comes behind an offset, as the page shows it, from `data-start` to `data-end`. A
    /// page that has fallen behind a log that is written fast goes on further down.
    func logAddition(of job: Job, from offset: Int) async throws -> HTTPResponse {
        let size = try await logs.size(job: job.id, step: nil)
        let isBehind = size - offset > Self.shown.bytes
        let start = isBehind ? try await self.start(of: Self.addition, before: size, in: job) : offset
        var piece = try await logs.read(job: job.id, step: nil, from: start, limit: Self.addition.bytes)
        if !piece.isOmission { piece.cut(toLines: Self.addition.lines) }
        var log = Self.values(of: piece.runs, start..<piece.next)
        // Behind the last line, and not behind one that others follow.
        if piece.next >= size { try await addUnfinished(of: job, to: &log) }
        return pages.response("log-addition", log)
    }

    private static func values(of runs: [ColouredText.Run], _ part: Range<Int>) -> [String: Any] {
        [
            "runs": runs.map { run -> [String: String] in
                run.classes.isEmpty ? ["text": run.text] : ["text": run.text, "style": run.classes]
            },
            "hasRuns": !runs.isEmpty, "start": String(part.lowerBound), "end": String(part.upperBound),
        ]
    }

    private func addUnfinished(of job: Job, to log: inout [String: Any]) async throws {
        let line = await logs.unfinished(job: job.id, step: nil)
        log["isUnfinished"] = !line.isEmpty
        log["unfinished"] = ColouredText(line).runs.map { ["text": $0.text, "style": $0.classes] }
    }

    /// Where the last lines begin that are within the bounds.
    private func start(of bounds: LogBounds, before size: Int, in job: Job) async throws -> Int {
        var start = max(0, size - bounds.bytes)
        // The lines from there on; of the first one, which is cut where the log goes back further, only the end is there.
        var lines: [Int] = start == 0 ? [0] : []
        while start < size {
            let piece = try await logs.read(job: job.id, step: nil, from: start, limit: size - start)
            guard piece.next > start else { break }
            if piece.isOmission {
                lines.append(piece.next)
            } else {
                for index in piece.bytes.indices where piece.bytes[index] == UInt8(ascii: "\n") {
                    lines.append(start + index + 1)
                }
            }
            start = piece.next
        }
        // Behind the last line nothing begins.
        return lines.dropLast(lines.last == size ? 1 : 0).suffix(bounds.lines).first ?? max(0, size - bounds.bytes)
    }
}

private struct LogBounds {
    var bytes: Int
    var lines: Int
}

extension LogPiece {
    /// Leaves whole lines alone, if there are any: a style ends with its line, so that each can be drawn by itself.
    fileprivate mutating func cut(toLines most: Int) {
        var end = 0
        var lines = 0
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
            end = index + 1
            lines += 1
            if lines == most { break }
        }
        guard end > 0 else { return }
        next -= bytes.count - end
        bytes = Array(bytes[..<end])
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

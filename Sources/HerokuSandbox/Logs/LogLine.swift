package import SlipwayBase

/// A line of an app's log: `2026-11-22T19:00:00.000000+00:00 heroku[web.1]: State changed from starting to up`.
package struct LogLine: Sendable, Hashable {
    package var number: Int
    package var time: Timestamp
    /// `app` for what a dyno prints, `heroku` for what the platform says about it.
    package var source: String
    package var dyno: String
    package var message: String

    package var text: String { "\(time.description.dropLast())000+00:00 \(source)[\(dyno)]: \(message)" }
}

/// Cuts a stream of bytes into lines.
struct LineSplitter: Sendable {
    private var rest: [UInt8] = []
    /// Heroku splits longer lines (docs/heroku.md, 3.6).
    private let longest = 10_000

    mutating func split(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(take())
            } else {
                rest.append(byte)
                if rest.count >= longest { lines.append(take()) }
            }
        }
        return lines
    }

    /// What stands after the last line end.
    mutating func finish() -> String? { rest.isEmpty ? nil : take() }

    private mutating func take() -> String {
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        defer { rest.removeAll(keepingCapacity: true) }
        return String(decoding: rest, as: UTF8.self)
    }
}

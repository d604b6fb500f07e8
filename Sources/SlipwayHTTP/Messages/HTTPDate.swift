import Glibc
import Synchronization

/// Dates as HTTP writes them (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// - Parameter seconds: since 1970 UTC.
    package static func format(_ seconds: Int) -> String {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let year = String(Int(parts.tm_year) + 1900)
        let date = [
            two(parts.tm_mday), months[Int(parts.tm_mon)],
            String(repeating: "0", count: max(0, 4 - year.count)) + year,
        ].joined(separator: " ")
        let time = [two(parts.tm_hour), two(parts.tm_min), two(parts.tm_sec)].joined(separator: ":")
        return "\(days[Int(parts.tm_wday)]), \(date) \(time) GMT"
    }

    /// Seconds since 1970 UTC of a date in the form above; nil for anything else. The two obsolete forms are not read:
    /// they only ever come from clients older than HTTP/1.1, and a condition that is not understood is ignored.
    package static func parse(_ text: String) -> Int? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].hasSuffix(","), days.contains(String(parts[0].dropLast())), parts[5] == "GMT",
            let day = number(parts[1], digits: 2), (1...31).contains(day),
            let month = months.firstIndex(of: String(parts[2])), let year = number(parts[3], digits: 4)
        else { return nil }
        let time = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3, let hour = number(time[0], digits: 2), let minute = number(time[1], digits: 2),
            let second = number(time[2], digits: 2), (0..<24).contains(hour), (0..<60).contains(minute),
            (0...60).contains(second)
        else { return nil }
        var fields = tm()
        fields.tm_year = year - 1900
        fields.tm_mon = Int32(month)
        fields.tm_mday = day
        fields.tm_hour = hour
        fields.tm_min = minute
        fields.tm_sec = second
        return Int(timegm(&fields))
    }

    /// Digits alone: `Int32` would take a sign too.
    private static func number(_ text: Substring, digits: Int) -> Int32? {
        text.utf8.count == digits && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int32(text) : nil
    }

    /// Made once a second, for the `Date` of every response.
    private static let current = Mutex<(second: Int, line: [UInt8])>((-1, []))

    /// `Date: … CR LF` of now.
    static func fieldLine() -> [UInt8] {
        let second = time(nil)
        return current.withLock { current in
            if current.second != second { current = (second, Array("Date: \(format(second))\r\n".utf8)) }
            return current.line
        }
    }
}

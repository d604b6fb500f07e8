import Glibc
import Synchronization

/// Dates as HTTP writes them (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let longDays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
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

    /// Seconds since 1970 UTC of a date in the form above or in one of the two obsolete ones, which recipients must still
    /// read: `Sunday, 06-Nov-94 08:49:37 GMT` (RFC 850) and `Sun Nov  6 08:49:37 1994` (asctime). nil for anything else.
    /// - Parameter now: seconds since 1970, by which the century of a year of two digits is chosen.
    package static func parse(_ text: String, now: Int = time(nil)) -> Int? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        switch parts.count {
        case 6 where parts[0].hasSuffix(","):
            guard days.contains(String(parts[0].dropLast())), parts[5] == "GMT", let day = number(parts[1], digits: 2),
                let year = number(parts[3], digits: 4)
            else { return nil }
            return seconds(day, parts[2], year, parts[4])
        case 4:
            let date = parts[1].split(separator: "-", omittingEmptySubsequences: false)
            guard parts[0].hasSuffix(","), longDays.contains(String(parts[0].dropLast())), parts[3] == "GMT",
                date.count == 3, let day = number(date[0], digits: 2), let year = number(date[2], digits: 2)
            else { return nil }
            return seconds(day, date[1], fullYear(year, now), parts[2])
        case 5, 6:
            // A day of one digit has a space more before it.
            let isShort = parts.count == 6
            guard days.contains(String(parts[0])), !isShort || parts[2].isEmpty,
                let day = number(parts[isShort ? 3 : 2], digits: isShort ? 1 : 2),
                let year = number(parts[isShort ? 5 : 4], digits: 4)
            else { return nil }
            return seconds(day, parts[1], year, parts[isShort ? 4 : 3])
        default: return nil
        }
    }

    /// One that seems to be more than 50 years ahead was in the last century (RFC 9110, section 5.6.7).
    private static func fullYear(_ twoDigits: Int32, _ now: Int) -> Int32 {
        var moment = time_t(now)
        var parts = tm()
        gmtime_r(&moment, &parts)
        let thisYear = parts.tm_year + 1900
        let year = thisYear / 100 * 100 + twoDigits
        return year > thisYear + 50 ? year - 100 : year
    }

    private static func seconds(_ day: Int32, _ month: Substring, _ year: Int32, _ time: Substring) -> Int? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...31).contains(day), let month = months.firstIndex(of: String(month)), clock.count == 3,
            let hour = number(clock[0], digits: 2), let minute = number(clock[1], digits: 2),
            let second = number(clock[2], digits: 2), (0..<24).contains(hour), (0..<60).contains(minute),
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

/// A page of a list, as the `Range` header asks for it: `version ..; max=10, order=desc`, `id ]abc..`.
struct ListRange: Sendable, Hashable {
    var attribute: String
    var first: String?
    /// `]`: the page begins after `first`, as in the header that names the next page.
    var excludesFirst = false
    var last: String?
    var max: Int
    var descending: Bool

    /// The most items of one page.
    static let largest = 1000

    /// - Parameters:
    ///   - header: nil: the first page in the default order.
    ///   - attributes: those that the list can be ordered by; the first is the default.
    /// - Throws: `APIError.rangeNotSatisfiable`.
    init(_ header: String?, attributes: [String], max: Int = 200) throws(APIError) {
        attribute = attributes[0]
        self.max = max
        descending = false
        guard let header else { return }
        let parts = header.split(separator: ";", maxSplits: 1)
        guard let range = parts.first else { throw .rangeNotSatisfiable }
        let words = range.split(separator: " ", maxSplits: 1)
        guard let name = words.first.map(String.init), attributes.contains(name) else { throw .rangeNotSatisfiable }
        attribute = name
        if words.count > 1 { try parseBounds(words[1].filter { $0 != " " }) }
        guard parts.count > 1 else { return }
        for option in parts[1].split(whereSeparator: { $0 == "," || $0 == ";" }) {
            let sides = option.filter { $0 != " " }.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else { throw .rangeNotSatisfiable }
            switch sides[0] {
            case "max":
                guard let number = Int(sides[1]), (1...Self.largest).contains(number) else {
                    throw .rangeNotSatisfiable
                }
                self.max = number
            case "order":
                guard sides[1] == "asc" || sides[1] == "desc" else { throw .rangeNotSatisfiable }
                descending = sides[1] == "desc"
            default: throw .rangeNotSatisfiable
            }
        }
    }

    private mutating func parseBounds(_ text: String) throws(APIError) {
        guard let dots = text.firstRange(of: "..") else { throw .rangeNotSatisfiable }
        var start = text[..<dots.lowerBound]
        if start.hasPrefix("]") {
            excludesFirst = true
            start = start.dropFirst()
        }
        first = start.isEmpty ? nil : String(start)
        let end = text[dots.upperBound...]
        last = end.isEmpty ? nil : String(end)
    }
}

/// One page of a list, with the headers that tell of it.
struct ListPage<Item: Sendable>: Sendable {
    var items: [Item]
    /// `version 12..3`; nil for an empty page.
    var contentRange: String?
    /// What to ask for next; nil on the last page.
    var nextRange: String?

    /// - Parameter key: an item's value of the range's attribute; numbers are compared as numbers.
    init(of all: [Item], _ range: ListRange, key: (Item) -> String) {
        func precedes(_ left: String, _ right: String) -> Bool {
            let before =
                if let left = Int(left), let right = Int(right) { left < right } else { left < right }
            return range.descending ? !before && left != right : before
        }
        var items = all.sorted { precedes(key($0), key($1)) }
        if let first = range.first {
            items.removeAll { precedes(key($0), first) || (range.excludesFirst && key($0) == first) }
        }
        if let last = range.last { items.removeAll { precedes(last, key($0)) } }
        let page = Array(items.prefix(range.max))
        self.items = page
        guard let start = page.first.map(key), let end = page.last.map(key) else { return }
        contentRange = "\(range.attribute) \(start)..\(end)"
        guard items.count > page.count else { return }
        nextRange =
            "\(range.attribute) ]\(end)..\(range.last ?? ""); max=\(range.max)"
            + (range.descending ? ", order=desc" : "")
    }
}

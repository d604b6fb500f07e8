import SlipwayBase

/// `${NAME}` and `$$` in one scalar.
///
/// Works on parsed scalars, so that what a variable holds is never read as YAML.
struct Expansion {
    private(set) var text = ""
    /// What variables gave.
    private(set) var values: [String] = []
    private(set) var problems: [String] = []
    private(set) var hasVariables = false

    init(_ source: String, environment: Environment) {
        var rest = Substring(source)
        while let dollar = rest.firstIndex(of: "$") {
            text += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            switch rest.first {
            case "$":
                text += "$"
                rest = rest.dropFirst()
            case "{":
                hasVariables = true
                guard let end = rest.firstIndex(of: "}") else {
                    problems.append("`${` is never closed; a literal `$` is written `$$`")
                    return
                }
                expand(String(rest[..<end].dropFirst()), environment)
                rest = rest[end...].dropFirst()
            default: text += "$"
            }
        }
        text += rest
    }

    private mutating func expand(_ name: String, _ environment: Environment) {
        guard name.isEnvironmentName else {
            problems.append("`${\(name.singleLine(limit: 60))}` names no variable; a literal `$` is written `$$`")
            return
        }
        switch environment.look(up: name) {
        case .value(let value):
            text += value
            values.append(value)
        case .unset:
            problems.append("the environment sets neither \(name) nor \(name)_FILE")
        case .unreadable(let file, let reason):
            problems.append("\(name)_FILE names \(file.singleLine()), which cannot be read: \(reason)")
        }
    }
}

extension String {
    /// A letter or `_`, then letters, digits and `_`.
    var isEnvironmentName: Bool {
        let isLetter: (UInt8) -> Bool = {
            $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
        }
        guard let first = utf8.first, isLetter(first) else { return false }
        return utf8.dropFirst().allSatisfy {
            isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
    }
}

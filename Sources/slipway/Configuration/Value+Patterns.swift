import SlipwayBase
import SlipwayCore

/// Lists of patterns on branch or tag names.
extension Value {
    /// In the order in which they apply: the last that matches decides.
    func patterns(of kind: GitRef.Kind) -> [Glob]? {
        guard isList else {
            report("must be a list of patterns, as in [main]")
            return nil
        }
        var isGood = true
        let globs = list { value -> Glob? in
            let glob = value.pattern(of: kind)
            if glob == nil { isGood = false }
            return glob
        }
        guard let globs, isGood, let first = globs.first, first.isExclusion else { return globs }
        if globs.allSatisfy(\.isExclusion) {
            report("only leaves out, so that nothing deploys; begin with what deploys, as in [\"**\", \"\(first)\"]")
        } else {
            warn(
                "`\(first)` leaves out nothing where it stands: the last pattern that matches decides, so move it behind"
            )
        }
        return globs
    }

    private func pattern(of kind: GitRef.Kind) -> Glob? {
        guard let text = text() else { return nil }
        let mark = text.hasPrefix("!") ? "!" : ""
        var pattern = String(text.dropFirst(mark.count))
        // As the full name of a branch or tag begins.
        let (own, other) = kind == .branch ? ("refs/heads/", "refs/tags/") : ("refs/tags/", "refs/heads/")
        if pattern.hasPrefix(own) { pattern = String(pattern.dropFirst(own.count)) }
        // Whatever the stars stand for: if this is not a name, nothing that the pattern matches is one.
        if GitRef(kind, pattern.replacing("*", with: "x")) != nil, !pattern.hasPrefix("refs/") {
            return Glob(mark + pattern)
        }
        report("must be a pattern of \(kind.rawValue) names, not \(quoted(text))" + hint(pattern, other: other))
        return nil
    }

    private func hint(_ pattern: String, other: String) -> String {
        if pattern.hasPrefix(other) { return "; that belongs to \(other == "refs/tags/" ? "tag" : "push")" }
        if pattern.isEmpty { return "" }
        if let wild = pattern.first(where: { "?[]".contains($0) }) {
            return "; the only wildcards are * and **, and no name holds a `\(wild)`"
        }
        if pattern.contains(where: { $0 == " " || $0 == "," }) {
            return "; give each pattern a place of its own in the list"
        }
        if pattern.hasSuffix("/") { return "; what is beneath it is `\(pattern.singleLine(limit: 80))**`" }
        return "; git allows no such name"
    }
}

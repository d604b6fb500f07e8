/// A full ref name, `refs/heads/…` or `refs/tags/…`, that git itself would take (git-check-ref-format(1)).
///
/// Only through this type do names from outside reach git: a bare name such as `--upload-pack=…` would be an option.
package struct GitRef: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        case branch, tag
    }

    package let kind: Kind
    /// The name without its prefix: `main`, `feature/login`, `v1.2`.
    package let name: String

    package init?(_ full: String) {
        if full.hasPrefix("refs/heads/") {
            self.init(.branch, String(full.dropFirst("refs/heads/".count)))
        } else if full.hasPrefix("refs/tags/") {
            self.init(.tag, String(full.dropFirst("refs/tags/".count)))
        } else {
            return nil
        }
    }

    package init?(_ kind: Kind, _ name: String) {
        guard Self.isWellFormed(name) else { return nil }
        self.kind = kind
        self.name = name
    }

    package var description: String { (kind == .branch ? "refs/heads/" : "refs/tags/") + name }

    private static func isWellFormed(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 1000, name != "@" else { return false }
        guard !name.contains(".."), !name.contains("@{"), !name.hasSuffix(".") else { return false }
        for scalar in name.unicodeScalars {
            guard scalar.value > 0x20, scalar.value != 0x7F, !"~^:?*[\\".unicodeScalars.contains(scalar) else {
                return false
            }
        }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock")
        }
    }
}

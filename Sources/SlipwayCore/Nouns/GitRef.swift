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

    private static let forbidden = Array("~^:?*[\\".utf8)

    private static func isWellFormed(_ name: String) -> Bool {
        // By bytes, as git does: a slash or a dot with a combining accent after it is another Character.
        let bytes = Array(name.utf8)
        guard !bytes.isEmpty, bytes.count <= 1000, name != "@", bytes.last != UInt8(ascii: ".") else { return false }
        for (byte, next) in zip(bytes, bytes.dropFirst() + [0]) {
            guard byte > 0x20, byte != 0x7F, !forbidden.contains(byte) else { return false }
            if byte == UInt8(ascii: "."), next == byte { return false }
            if byte == UInt8(ascii: "@"), next == UInt8(ascii: "{") { return false }
        }
        return bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0.first != UInt8(ascii: ".") && !$0.suffix(5).elementsEqual(".lock".utf8)
        }
    }
}

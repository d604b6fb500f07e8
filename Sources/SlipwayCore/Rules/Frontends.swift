/// Which programs may read a Dockerfile instead of the builder itself.
///
/// BuildKit runs the image that a Dockerfile names by `# syntax=`, with more rights than a `RUN` step has. So a commit
/// may choose among those that the server's file lists, and no others.
package struct Frontends: Sendable, Hashable {
    /// Image names. One without tag and digest allows every tag and digest of its repository.
    package var images: [String]

    package init(images: [String]) {
        self.images = images
    }

    package static let `default` = Frontends(images: ["docker/dockerfile"])

    /// The build argument by which BuildKit takes a frontend as well.
    package static let argument = "BUILDKIT_SYNTAX"

    package func allows(_ reference: String) -> Bool {
        guard let asked = Reference(reference) else { return false }
        return images.compactMap(Reference.init).contains { $0.allows(asked) }
    }

    /// `name[:tag][@sha256:…]`.
    private struct Reference {
        var name: String
        var tag: String?
        var digest: String?

        init?(_ text: String) {
            let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                guard parts[1].wholeMatch(of: /sha256:[0-9a-f]{64}/) != nil else { return nil }
                digest = String(parts[1])
            }
            name = String(parts[0])
            // A colon before the last slash is that of a host's port.
            let last = name.lastIndex(of: "/") ?? name.startIndex
            if let colon = name[last...].firstIndex(of: ":") {
                let tag = name[colon...].dropFirst()
                guard tag.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}/) != nil else { return nil }
                self.tag = String(tag)
                name = String(name[..<colon])
            }
            for hub in ["docker.io/", "index.docker.io/"] where name.hasPrefix(hub) {
                name = String(name.dropFirst(hub.count))
                break
            }
            guard name.wholeMatch(of: /[a-z0-9][a-z0-9._:\/-]*/) != nil else { return nil }
        }

        func allows(_ asked: Reference) -> Bool {
            name == asked.name && (tag == nil || tag == asked.tag) && (digest == nil || digest == asked.digest)
        }
    }
}

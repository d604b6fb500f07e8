/// Where a login leads on to: a path of this server and nothing else.
struct LocalPath: Sendable {
    let text: String

    /// - Parameter wish: taken from a query or form; anything but a plain local path becomes `/`.
    init(_ wish: String?) {
        guard let wish, wish.utf8.count <= 1000, wish.hasPrefix("/") else {
            text = "/"
            return
        }
        // Browsers take `//host` and `/\host` for another site, and skip controls while they look.
        let isPlain = wish.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && $0 != "\\" }
        text = isPlain && !wish.hasPrefix("//") && !wish.hasPrefix("/login") ? wish : "/"
    }
}

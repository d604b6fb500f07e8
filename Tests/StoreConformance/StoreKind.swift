package import Logging
package import SlipwayCore

/// A kind of store, and how to open one.
package struct StoreKind: Sendable {
    package let name: String
    /// Whether what it holds is there again for the next server.
    package let outlivesServer: Bool
    /// Opens the store of a folder, which is one test's own: empty the first time, then as it was left.
    package let open: @Sendable (_ folder: String, Feed, Logger) async throws -> any Store

    package init(
        _ name: String, outlivesServer: Bool,
        open: @escaping @Sendable (_ folder: String, Feed, Logger) async throws -> any Store
    ) {
        self.name = name
        self.outlivesServer = outlivesServer
        self.open = open
    }
}

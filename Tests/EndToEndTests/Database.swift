import Foundation
import Testing

/// A PostgreSQL database of one test, in the server of `scripts/with-postgres`.
struct Database: Sendable {
    let url: String

    init(_ name: String) async throws {
        let server = try #require(
            ProcessInfo.processInfo.environment["SLIPWAY_TEST_POSTGRES"], "run `make test`: it starts a PostgreSQL")
        let name = name + "_" + UUID().uuidString.prefix(8).lowercased()
        _ = try await run("psql", ["--quiet", server, "--command", "CREATE DATABASE \(name)"]).text()
        url = server.split(separator: "/").dropLast().joined(separator: "/").replacing(":/", with: "://") + "/" + name
    }

    /// The rows of a query, one a line.
    func query(_ sql: String) async throws -> String {
        try await run("psql", ["--quiet", "--tuples-only", "--no-align", url, "--command", sql]).text()
    }
}

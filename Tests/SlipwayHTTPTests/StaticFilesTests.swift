import Foundation
import SlipwayHTTP
import TestSupport
import Testing

@Suite final class StaticFilesTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/slipway-static-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/public/icons", withIntermediateDirectories: true)
        try "body { color: red }".write(toFile: folder + "/public/app.css", atomically: true, encoding: .utf8)
        try "<svg/>".write(toFile: folder + "/public/icons/logo.svg", atomically: true, encoding: .utf8)
        try "secret".write(toFile: folder + "/secret.txt", atomically: true, encoding: .utf8)
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/public/out.txt", withDestinationPath: "../secret.txt")
        try FileManager.default.createSymbolicLink(atPath: folder + "/public/up", withDestinationPath: "..")
        try FileManager.default.createSymbolicLink(atPath: folder + "/public/same.css", withDestinationPath: "app.css")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func get(_ path: String, headers: HTTPHeaders = [:]) async throws -> HTTPResponse? {
        let target = try #require(HTTPTarget("/assets/x"))
        return await StaticFiles(root: folder + "/public")
            .respond(to: HTTPRequest(method: .get, target: target, headers: headers), path: path)
    }

    @Test func `serves files with their types`() async throws {
        let css = try #require(try await get("app.css"))
        #expect(css.status == .ok)
        #expect(css.headers["Content-Type"] == "text/css; charset=utf-8")
        #expect(css.headers["Last-Modified"].flatMap(HTTPDate.parse) != nil)
        #expect(try await get("icons/logo.svg")?.headers["Content-Type"] == "image/svg+xml")
        #expect(try await get("same.css")?.status == .ok)
    }

    @Test(arguments: [
        "", "nothing.css", "icons", "icons/", "../secret.txt", "icons/../../secret.txt", "out.txt", "up/secret.txt",
        "app.css\u{0}.txt", "/etc/passwd", "up/public/../secret.txt",
    ]) func `serves nothing for`(_ path: String) async throws {
        #expect(try await get(path) == nil)
    }

    @Test func `says when the client's copy is still good`() async throws {
        let first = try #require(try await get("app.css"))
        let tag = try #require(first.headers["ETag"])
        let date = try #require(first.headers["Last-Modified"])
        #expect(try await get("app.css", headers: ["If-None-Match": "\"x\", W/\(tag)"])?.status == .notModified)
        #expect(
            try await get("app.css", headers: ["If-None-Match": "\"x\"", "If-Modified-Since": date])?.status == .ok)
        #expect(try await get("app.css", headers: ["If-Modified-Since": date])?.status == .notModified)
        #expect(try await get("app.css", headers: ["If-Modified-Since": "yesterday"])?.status == .ok)
        try "other".write(toFile: folder + "/public/app.css", atomically: true, encoding: .utf8)
        #expect(try await get("app.css", headers: ["If-None-Match": tag])?.status == .ok)
    }

    @Test func `sends a file over a socket, and 404 for one that has gone`() async throws {
        let large = folder + "/large"
        let content = Data((0..<250).map { UInt8($0) }.repeated(2_800))
        try content.write(to: URL(fileURLWithPath: large))
        let folder = folder
        try await withServer { router in
            router.on(.get, "/large") { _, _ in
                HTTPResponse(.ok, body: .file(path: large, offset: 100_000, count: 500_000))
            }
            router.on(.get, "/gone") { _, _ in
                HTTPResponse(.ok, body: .file(path: folder + "/gone", offset: 0, count: 5))
            }
        } _: { port in
            let client = try await RawClient(port: port)
            try await client.send("HEAD /large HTTP/1.1\r\nHost: a\r\n\r\nGET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response(to: "HEAD").headers["Content-Length"] == "500000")
            #expect(try await client.response().body == [UInt8](content[100_000..<600_000]))
            try await client.send("GET /gone HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 404)
        }
    }
}

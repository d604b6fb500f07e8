import Foundation
import SlipwayHTTP
import SlipwayNet
import TestSupport
import Testing

@Suite final class StaticFilesTests {
    private let temporary: TemporaryFolder
    private var folder: String { temporary.path }

    init() throws {
        temporary = try TemporaryFolder()
        try temporary.write("body { color: red }", to: "public/app.css")
        try temporary.write("<svg/>", to: "public/icons/logo.svg")
        try temporary.write("secret", to: "secret.txt")
        let folder = temporary.path
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/public/out.txt", withDestinationPath: "../secret.txt")
        try FileManager.default.createSymbolicLink(atPath: folder + "/public/up", withDestinationPath: "..")
        try FileManager.default.createSymbolicLink(atPath: folder + "/public/same.css", withDestinationPath: "app.css")
    }

    private func get(
        _ path: String, headers: HTTPHeaders = [:], method: HTTPMethod = .get
    ) throws -> HTTPResponse? {
        let target = try #require(HTTPTarget("/assets/x"))
        return StaticFiles(root: folder + "/public")
            .respond(to: HTTPRequest(method: method, target: target, headers: headers), path: path)
    }

    @Test func `serves files with their types`() async throws {
        let css = try #require(try get("app.css"))
        #expect(css.status == .ok)
        #expect(css.headers["Content-Type"] == "text/css; charset=utf-8")
        #expect(css.headers["Last-Modified"].flatMap({ HTTPDate.parse($0) }) != nil)
        #expect(try get("icons/logo.svg")?.headers["Content-Type"] == "image/svg+xml")
        #expect(try get("same.css")?.status == .ok)
    }

    @Test(arguments: [
        "", "nothing.css", "icons", "icons/", "../secret.txt", "icons/../../secret.txt", "out.txt", "up/secret.txt",
        "app.css\u{0}.txt", "/etc/passwd", "up/public/../secret.txt",
    ]) func `serves nothing for`(_ path: String) async throws {
        #expect(try get(path) == nil)
    }

    @Test func `says when the client's copy is still good`() async throws {
        let first = try #require(try get("app.css"))
        let tag = try #require(first.headers["ETag"])
        let date = try #require(first.headers["Last-Modified"])
        #expect(try get("app.css", headers: ["If-None-Match": "\"x\", W/\(tag)"])?.status == .notModified)
        #expect(
            try get("app.css", headers: ["If-None-Match": "\"x\"", "If-Modified-Since": date])?.status == .ok)
        #expect(try get("app.css", headers: ["If-Modified-Since": date])?.status == .notModified)
        #expect(try get("app.css", headers: ["If-Modified-Since": "yesterday"])?.status == .ok)
        try "other".write(toFile: folder + "/public/app.css", atomically: true, encoding: .utf8)
        #expect(try get("app.css", headers: ["If-None-Match": tag])?.status == .ok)
    }

    @Test func `judges conditions in their order`() throws {
        let first = try #require(try get("app.css"))
        let tag = try #require(first.headers["ETag"])
        let date = try #require(first.headers["Last-Modified"])
        let old = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(try get("app.css", headers: ["If-Match": "\"x\", \(tag)"])?.status == .ok)
        #expect(try get("app.css", headers: ["If-Match": "\"x\""])?.status == .preconditionFailed)
        #expect(try get("app.css", headers: ["If-Match": "*", "If-Unmodified-Since": old])?.status == .ok)
        #expect(try get("app.css", headers: ["If-Unmodified-Since": old])?.status == .preconditionFailed)
        #expect(try get("app.css", headers: ["If-Match": tag, "If-None-Match": tag])?.status == .notModified)
        #expect(try get("app.css", headers: ["If-Range": tag, "Range": "bytes=0-3"])?.status == .partialContent)
        #expect(try get("app.css", headers: ["If-Range": date, "Range": "bytes=0-3"])?.status == .partialContent)
        #expect(try get("app.css", headers: ["If-Range": "\"x\"", "Range": "bytes=0-3"])?.status == .ok)
        #expect(try get("app.css", headers: ["If-None-Match": tag, "Range": "bytes=0-3"])?.status == .notModified)
    }

    @Test func `sends the part that is asked for`() async throws {
        let part = try #require(try get("app.css", headers: ["Range": "bytes=7-11"]))
        #expect(part.status == .partialContent)
        #expect(part.headers["Content-Range"] == "bytes 7-11/19")
        #expect(try await part.text == "color")
        #expect(try await get("app.css", headers: ["Range": "bytes=-4"])?.text == "ed }")
        let none = try #require(try get("app.css", headers: ["Range": "bytes=19-"]))
        #expect(none.status == .rangeNotSatisfiable)
        #expect(none.headers["Content-Range"] == "bytes */19")
        #expect(try get("app.css", headers: ["Range": "bytes=0-1,3-4"])?.status == .ok)
        #expect(try get("app.css", headers: ["Range": "bytes=0-1"], method: .head)?.status == .ok)
    }

    @Test func `compresses text for who takes it`() async throws {
        let text = String(repeating: "body { color: red }\n", count: 100)
        try text.write(toFile: folder + "/public/large.css", atomically: true, encoding: .utf8)
        let plain = try #require(try get("large.css", headers: ["Accept-Encoding": "br, gzip;q=0"]))
        #expect(!plain.headers.contains("Content-Encoding"))
        let small = try #require(try get("large.css", headers: ["Accept-Encoding": "br, gzip"]))
        #expect(small.headers["Content-Encoding"] == "gzip")
        #expect(small.headers["Vary"]?.contains("Accept-Encoding") == true)
        let bytes = try await small.collected
        #expect(bytes.count < 200)
        #expect(bytes.starts(with: [0x1F, 0x8B]))
        let tag = try #require(small.headers["ETag"])
        #expect(tag != plain.headers["ETag"])
        #expect(
            try get("large.css", headers: ["Accept-Encoding": "gzip", "If-None-Match": tag])?.status == .notModified)
        // A range is one of the file itself, and what is small already stays as it is.
        #expect(try await get("large.css", headers: ["Accept-Encoding": "gzip", "Range": "bytes=0-3"])?.text == "body")
        #expect(try get("app.css", headers: ["Accept-Encoding": "gzip"])?.headers.contains("Content-Encoding") == false)
    }

    @Test(arguments: [false, true]) func `sends a file over a socket, whole and in part`(_ isSecure: Bool) async throws
    {
        let content = (0..<251).map { UInt8($0) }.repeated(2_800)
        try Data(content).write(to: URL(fileURLWithPath: folder + "/public/large.bin"))
        let files = StaticFiles(root: folder + "/public")
        let certificates = try await TestCertificates()
        let own = try await certificates.certificate("DNS:localhost")
        let tls = isSecure ? try TLSServerContext(certificates: [own]) : nil
        try await withServer(tls: tls) { router in
            router.on(.get, "/files/{path...}") { request, path in
                guard let file = files.respond(to: request, path: path["path"] ?? "") else {
                    throw HTTPError.notFound("no such file")
                }
                return file
            }
        } _: { port in
            let trust = isSecure ? try TLSClientContext(ca: certificates.authority) : nil
            let client = try await RawClient(port: port, tls: trust, host: isSecure ? "localhost" : "127.0.0.1")
            let path = "/files/large.bin HTTP/1.1\r\nHost: a\r\n"
            try await client.send("HEAD \(path)\r\nGET \(path)\r\nGET \(path)Range: bytes=100000-599999\r\n\r\n")
            #expect(try await client.response(to: "HEAD").headers["Content-Length"] == "702800")
            #expect(try await client.response().body == content)
            #expect(try await client.response().body == [UInt8](content[100_000..<600_000]))
            try await client.send("GET /files/gone HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 404)
        }
    }
}

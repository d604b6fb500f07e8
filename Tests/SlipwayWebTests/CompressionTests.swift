import CZlib
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import TestSupport
import Testing

@testable import SlipwayWeb

/// Answers in gzip's coding.
struct CompressionTests {
    private func get(_ bench: WebBench, _ path: String, _ headers: [String: String] = [:]) async throws -> HTTPResponse
    {
        try await bench.get(path, headers: headers.merging(["Accept-Encoding": "br, gzip"]) { own, _ in own })
    }

    private func unzipped(_ bytes: [UInt8]) throws -> String {
        var stream = z_stream()
        let code = inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        try #require(code == Z_OK)
        defer { inflateEnd(&stream) }
        var (source, target) = (bytes, [UInt8](repeating: 0, count: 1 << 20))
        let end = source.withUnsafeMutableBufferPointer { source in
            target.withUnsafeMutableBufferPointer { target in
                (stream.next_in, stream.avail_in) = (source.baseAddress, UInt32(source.count))
                (stream.next_out, stream.avail_out) = (target.baseAddress, UInt32(target.count))
                return inflate(&stream, Z_FINISH)
            }
        }
        #expect(end == Z_STREAM_END && stream.avail_in == 0)
        return String(decoding: target[..<Int(stream.total_out)], as: UTF8.self)
    }

    @Test func `pages and logs are compressed for who takes it`() async throws {
        let bench = try await WebBench()
        try await bench.queue()
        try await bench.run(to: .failed, reason: "no")
        let log = (0..<20_000).map { "line \($0) of a long log\n" }.joined()
        await bench.logs.append(Array(log.utf8), job: 1, step: .build)
        for path in ["/", "/jobs", "/jobs/1", "/jobs/1/log?step=build", "/jobs/1/log?as=html"] {
            let plain = try await bench.get(path, accept: "text/html")
            let packed = try await get(bench, path, ["Accept": "text/html"])
            #expect(plain.headers["Content-Encoding"] == nil, "\(path)")
            #expect(plain.headers.list("Vary").contains("Accept-Encoding"), "\(path)")
            #expect(packed.headers["Content-Encoding"] == "gzip", "\(path)")
            let bytes = try await packed.collected
            #expect(bytes.count < (try await plain.collected).count, "\(path)")
            let text = try unzipped(bytes)
            #expect(text.hasSuffix("</html>\n") || text.contains("line 19999 of a long log\n"), "\(path)")
        }
        #expect(try unzipped(try await get(bench, "/jobs/1/log?step=build").collected).hasSuffix(log))
    }

    @Test(arguments: [
        ("/jobs/1/log", ["Range": "bytes=0-1999"]), ("/jobs/1/log", ["Accept-Encoding": "gzip;q=0"]),
        ("/status", [:]), ("/events", [:]), ("/healthz", [:]),
    ])
    func `other answers are sent as they are`(path: String, headers: [String: String]) async throws {
        let bench = try await WebBench()
        try await bench.queue()
        try await bench.run(to: .failed, reason: "no")
        await bench.logs.append(Array(repeating: UInt8(ascii: "x"), count: 5000) + [0x0A], job: 1, step: .build)
        #expect(try await get(bench, path, headers).headers["Content-Encoding"] == nil)
    }

    @Test func `each line of a log that is followed can be read when it comes`() async throws {
        let bench = try await WebBench()
        try await bench.queue()
        try await bench.run(to: nil)
        try await reading(try await get(bench, "/jobs/1/log?follow=1")) { reader in
            var length = 0
            for number in 0..<3 {
                await bench.logs.append(Array("line \(number)\n".utf8), job: 1, step: .build)
                // What a flush ends with: an empty block.
                length = try await eventually("line \(number)") {
                    let bytes = await reader.bytes
                    return bytes.count > length && bytes.suffix(4) == [0, 0, 0xFF, 0xFF] ? bytes.count : nil
                }
            }
            try await bench.store.finish(1, as: .failed, reason: "no")
        }
    }

    @Test func `a page's token is another text in each answer`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login()
        let (one, other) = (try await bench.csrf(cookie), try await bench.csrf(cookie))
        #expect(one.count == 128 && one != other && MaskedToken.unmask(one) == MaskedToken.unmask(other))
        let halves = (0..<4).map { one.dropFirst($0 * 32).prefix(32) }
        #expect(halves.allSatisfy { !other.contains($0) })
        for token in ["", "x", "00", String(one.dropLast(2)), String(repeating: "0", count: 128)] {
            #expect(try await bench.post("/logout", "csrf=\(token)", cookie: cookie).status == .forbidden)
        }
        #expect(try await bench.post("/logout", "csrf=\(other)", cookie: cookie).status == .seeOther)
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import TestSupport
import Testing

struct EventTests {
    static let run = "1795000000000"

    private func events(_ bench: WebBench, after id: String? = nil, query: String = "") async throws -> HTTPResponse {
        var request = HTTPRequest(
            method: .get, target: try #require(HTTPTarget("/events" + query)),
            headers: ["Authorization": "Bearer guest-token-value", "Accept": "text/event-stream"])
        request.headers["Last-Event-ID"] = id
        return await bench.router.respond(to: request)
    }

    /// The events in a stream's text, without comments.
    private func parsed(_ text: String) -> [[String: String]] {
        text.split(separator: "\n\n").compactMap { block in
            var fields: [String: String] = [:]
            for line in block.split(separator: "\n") where !line.hasPrefix(":") {
                let sides = line.split(separator: ":", maxSplits: 1).map(String.init)
                fields[sides[0]] = sides.count > 1 ? String(sides[1].dropFirst()) : ""
            }
            return fields["event"] == nil ? nil : fields
        }
    }

    private func object(_ event: [String: String]?) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data((event?["data"] ?? "").utf8)) as? [String: Any])
    }

    @Test func `tells of jobs, steps and logs with what the documents say they carry`() async throws {
        let bench = try await WebBench()
        let response = try await events(bench)
        #expect(response.headers["Content-Type"] == "text/event-stream")
        let text = try await reading(response) { reader in
            try await bench.queue(message: "a\nb")
            try await bench.run(to: nil)
            try await reader.wait(for: "event: log")
            return await reader.text
        }
        let seen = parsed(text)
        let job = try object(seen.first { $0["event"] == "job" })
        #expect(job["id"] as? Int == 1 && job["steps"] != nil)
        #expect(seen.first?["id"] == Self.run + "-1")
        let step = seen.first { $0["event"] == "step" }
        #expect(step?["id"]?.hasPrefix(Self.run + "-") == true)
        #expect(try object(step)["job"] as? Int == 1)
        #expect(try object(step)["name"] as? String == "checkout")
        let log = seen.first { $0["event"] == "log" }
        #expect(log?["id"] == nil)
        #expect(try object(log)["step"] as? String == "checkout")
        #expect(try object(log)["offset"] as? Int == 14)
    }

    @Test func `resumes after the last event without a gap`() async throws {
        let bench = try await WebBench()
        for _ in 0..<3 { try await bench.queue(target: nil, ref: "refs/heads/\(UUID().uuidString)") }
        let text = try await reading(try await events(bench, after: Self.run + "-1")) { reader in
            try await reader.wait(for: "id: \(Self.run)-3\n")
            return await reader.text
        }
        #expect(parsed(text).map { $0["id"] } == [Self.run + "-2", Self.run + "-3"])
        let asked = try await reading(try await events(bench, query: "?last_event_id=\(Self.run)-2")) { reader in
            try await reader.wait(for: "id: \(Self.run)-3\n")
            return await reader.text
        }
        #expect(parsed(asked).count == 1)
    }

    @Test(arguments: [
        "1794999999999-1", "1795000000000-99", "1795000000000-18446744073709551615", "x", "-", "1795000000000-",
    ])
    func `says reset to whom it cannot tell what was missed`(id: String) async throws {
        let bench = try await WebBench()
        try await bench.queue()
        let text = try await reading(try await events(bench, after: id)) { reader in
            try await reader.wait(for: "event: reset")
            return await reader.text
        }
        #expect(parsed(text).first?["id"] == Self.run + "-1")
    }

    @Test func `says reset when too much has happened`() async throws {
        let bench = try await WebBench()
        for _ in 0..<1100 { bench.feed.publish(.job(1)) }
        let text = try await reading(try await events(bench, after: Self.run + "-1")) { reader in
            try await reader.wait(for: "event: reset")
            return await reader.text
        }
        #expect(parsed(text).count == 1)
    }

    @Test(.endsIfItHangs) func `ends when the feed does, as the server stops`() async throws {
        let bench = try await WebBench()
        try await bench.queue()
        let response = try await events(bench, after: Self.run + "-0")
        bench.feed.finish()
        #expect(parsed(try await response.text).map { $0["id"] } == [Self.run + "-1"])
    }

    @Test func `beats while nothing happens, and leaves out other jobs when asked`() async throws {
        let bench = try await WebBench()
        let text = try await reading(try await events(bench, query: "?job=2")) { reader in
            try await reader.wait(for: ": ")
            try await bench.queue(ref: "refs/heads/a")
            try await bench.queue(ref: "refs/heads/b")
            try await reader.wait(for: "event: job")
            return await reader.text
        }
        #expect(try object(parsed(text).first)["id"] as? Int == 2)
        let beats = try await reading(try await events(bench, query: "?heartbeat=event")) { reader in
            try await reader.wait(for: "event: heartbeat\ndata: {}\n\n")
            return await reader.text
        }
        #expect(!beats.contains(": still here"))
    }
}

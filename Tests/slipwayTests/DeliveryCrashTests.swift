import Foundation
import SlipwayBase
import SlipwayHTTP
import SlipwayNet
import Synchronization
import TestSupport
import Testing

@testable import slipway

/// GitHub at work while the server is killed again and again: each delivery that came has its job, once.
///
/// `SLIPWAY_CRASH=long` (`make crash`) sends ten times as many.
@Suite(.endsIfItHangs)
struct DeliveryCrashTests {
    private struct Jobs: Decodable {
        struct Job: Decodable {
            struct Trigger: Decodable { var ref: String }
            var trigger: Trigger
        }
        var jobs: [Job]
        var next: Int?
    }

    /// Numbers of pushes that are still to be delivered.
    private final class Outbox: Sendable {
        private let numbers: Mutex<[Int]>

        init(_ numbers: [Int]) {
            self.numbers = Mutex(numbers)
        }

        func take() -> Int? { numbers.withLock { $0.popLast() } }
        var count: Int { numbers.withLock { $0.count } }
    }

    @Test func `deliveries with duplicates become jobs once each, whenever the server is killed`() async throws {
        let isLong = ProcessInfo.processInfo.environment["SLIPWAY_CRASH"] == "long"
        let (count, kills) = isLong ? (10_000, 40) : (1000, 5)
        let distinct = count * 7 / 10
        let repeats = (distinct..<count).map { _ in Int.random(in: 0..<distinct) }
        let outbox = Outbox(((0..<distinct) + repeats).shuffled())

        let first = try await RunningServer()
        let client = HTTPClient(tls: try TLSClientContext())
        let server = Current(first)
        #expect(try await post("/pause", [], to: first, client).0 == 200)

        let seed = UUID().uuidString
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    while let number = outbox.take() {
                        try await deliver(number, seed: seed, to: server, client)
                    }
                }
            }
            group.addTask {
                for kill in 1...kills {
                    let left = count - kill * count / (kills + 1)
                    while outbox.count > left { try await Task.sleep(for: .milliseconds(1)) }
                    server.value.process.send(SIGKILL)
                    _ = try await server.value.ended()
                    server.value = try await RunningServer(in: first.folder)
                }
            }
            try await group.waitForAll()
        }

        let refs = try await refs(of: server.value)
        let lost = distinct - Set(refs).count
        print(
            "\(count) deliveries of \(distinct) pushes, \(kills) kills: \(refs.count) jobs, lost \(lost), "
                + "doubled \(refs.count - Set(refs).count)")
        #expect(Set(refs).count == distinct)
        #expect(refs.count == distinct)
        server.value.process.send(SIGTERM)
        _ = try await server.value.ended()
    }

    /// Until it is answered, as people press GitHub's button again.
    private func deliver(
        _ number: Int, seed: String, to server: Current<RunningServer>, _ client: HTTPClient
    ) async throws {
        let commit = String(repeating: "0", count: 32) + String(0x1000_0000 + number, radix: 16)
        let body = Array(
            """
            {"ref": "refs/heads/branch-\(number)", "after": "\(commit)", "deleted": false,
             "repository": {"id": 1, "full_name": "Codertocat/Hello-World"},
             "head_commit": {"id": "\(commit)", "message": "Say hello"}, "pusher": {"name": "Codertocat"}}
            """.utf8)
        let signature = HMACSHA256.authenticate(body, key: Array(RunningServer.secret.utf8)).hex
        let headers: HTTPHeaders = [
            "Content-Type": "application/json", "X-GitHub-Event": "push",
            "X-GitHub-Delivery": "\(seed)-\(number)", "X-Hub-Signature-256": "sha256=" + signature,
        ]
        while true {
            do {
                let (status, text) = try await post("/hooks/github", body, headers, to: server.value, client)
                #expect(status == 202 || status == 200 && text.contains("duplicate"), "\(status) \(text)")
                return
            } catch is HTTPClientError {
                // Killed, or not up again yet.
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    private func post(
        _ path: String, _ body: [UInt8],
        _ headers: HTTPHeaders = ["Authorization": "Bearer \(RunningServer.token)"], to server: RunningServer,
        _ client: HTTPClient
    ) async throws -> (Int, String) {
        let request = HTTPClientRequest(.post, server.address + path, headers: headers, body: body)
        let response = try await client.send(request)
        return (response.status.code, try await response.text)
    }

    private func refs(of server: RunningServer) async throws -> [String] {
        var refs: [String] = []
        var next: Int?
        repeat {
            let page = try await server.get("/jobs?limit=200" + (next.map { "&before=\($0)" } ?? ""))
            let jobs = try JSONDecoder().decode(Jobs.self, from: Data(page.text.utf8))
            refs += jobs.jobs.map(\.trigger.ref)
            next = jobs.next
        } while next != nil
        return refs
    }
}

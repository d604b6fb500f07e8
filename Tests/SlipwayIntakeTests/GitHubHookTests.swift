import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import Synchronization
import TestLogs
import TestSupport
import Testing

struct GitHubHookTests {
    let push: [UInt8]
    static let repository = "Codertocat/Hello-World"

    init() throws {
        push = try IntakeBench.fixture("push.branch.new")
    }

    private func bench(
        _ secrets: [String] = [IntakeBench.secret], apps: [App]? = nil, publicURL: String? = nil
    ) async throws -> IntakeBench {
        try await IntakeBench(
            apps: apps ?? [IntakeBench.app(Self.repository)], secrets: secrets, publicURL: publicURL)
    }

    /// Each row breaks everything that is looked at after it too, so that the order of checks shows.
    @Test func `checks in the documented order`() async throws {
        let bench = try await bench()
        let router = bench.router()
        var request = try IntakeBench.delivery("push", push)
        request.headers = ["Content-Type": "text/plain"]
        request.body = HTTPRequestBody(length: 26 << 20) { nil }
        #expect(await router.respond(to: request).status == .contentTooLarge)

        request.body = .bytes(Array("not json".utf8))
        #expect(await router.respond(to: request).status == .unsupportedMediaType)

        request.headers["Content-Type"] = "application/json"
        #expect(await router.respond(to: request).status == .forbidden)

        request.headers["X-Hub-Signature-256"] = IntakeBench.signature(Array("not json".utf8))
        request.body = .bytes(Array("not json".utf8))
        #expect(await router.respond(to: request).status == .badRequest)

        let full = bench.router(deliveries: FullStore())
        let response = await full.respond(to: try IntakeBench.delivery("push", push))
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers["Retry-After"] != nil)
    }

    @Test(arguments: [
        ("application/json", 25 << 20, 403), ("application/json", (25 << 20) + 1, 413),
        ("application/x-www-form-urlencoded", 32 << 20, 403),
        ("application/x-www-form-urlencoded", (32 << 20) + 1, 413),
    ])
    func `bounds a body by its kind, with a length or in chunks`(type: String, size: Int, status: Int) async throws {
        let bench = try await bench()
        let router = bench.router()
        for length in [size, nil] {
            var request = try IntakeBench.delivery("push", [])
            request.headers["Content-Type"] = type
            let chunks = Chunks(size: size)
            request.body = HTTPRequestBody(length: length) { await chunks.next() }
            #expect(await router.respond(to: request).status.code == status)
        }
    }

    @Test(arguments: [((25 << 20) + 1, 413), (25 << 20, 415), (nil, 415)] as [(Int?, Int)])
    func `reads nothing of a body that it would refuse`(length: Int?, status: Int) async throws {
        let router = try await bench().router()
        var request = try IntakeBench.delivery("push", [])
        request.headers["Content-Type"] = "text/plain"
        request.body = HTTPRequestBody(length: length) { fatalError("it was read") }
        #expect(await router.respond(to: request).status.code == status)
        request.headers["Content-Type"] = "application/json"
        request.body = HTTPRequestBody(length: nil) { fatalError("it was read") }
        for signature in [nil, "sha1=x", "sha256=00"] {
            request.headers["X-Hub-Signature-256"] = signature
            #expect(await router.respond(to: request).status == .forbidden)
        }
    }

    private actor Chunks {
        var left: Int

        init(size: Int) { left = size }

        func next() -> [UInt8]? {
            guard left > 0 else { return nil }
            let count = min(left, 1 << 20)
            left -= count
            return Array(repeating: 0x20, count: count)
        }
    }

    @Test(arguments: [
        "application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8", "application/json ",
    ])
    func `takes JSON by its media type`(type: String) async throws {
        var request = try IntakeBench.delivery("push", push)
        request.headers["Content-Type"] = type
        let bench = try await bench()
        #expect(await bench.router().respond(to: request).status == .accepted)
    }

    @Test(arguments: [nil, "text/plain", "application/jsonx", "multipart/form-data; boundary=x", ""] as [String?])
    func `refuses other content types`(type: String?) async throws {
        var request = try IntakeBench.delivery("push", push)
        request.headers["Content-Type"] = type
        let bench = try await bench()
        #expect(await bench.router().respond(to: request).status == .unsupportedMediaType)
    }

    @Test func `takes a form, signed as it came`() async throws {
        let json = String(decoding: push, as: UTF8.self)
        let body = Array(("payload=" + PercentCoding.encode(json)).utf8)
        var request = try IntakeBench.delivery("push", body)
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        let bench = try await bench()
        #expect(await bench.router().respond(to: request).status == .accepted)

        request = try IntakeBench.delivery("push", body)
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        request.headers["X-Hub-Signature-256"] = IntakeBench.signature(push)
        #expect(await bench.router().respond(to: request).status == .forbidden)

        let empty = Array("other=1".utf8)
        request = try IntakeBench.delivery("push", empty)
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        #expect(await bench.router().respond(to: request).status == .badRequest)
    }

    @Test func `refuses a missing, malformed or wrong signature with one line in the log`() async throws {
        let bench = try await bench()
        for signature in [nil, "", "sha256=", "sha1=" + String(repeating: "a", count: 40)] as [String?] {
            var request = try IntakeBench.delivery("push", push, guid: "guid-1")
            request.headers["X-Hub-Signature-256"] = signature
            let response = await bench.router().respond(to: request)
            #expect(response.status == .forbidden)
            #expect(response.headers["WWW-Authenticate"] == nil)
        }
        let wrong = try IntakeBench.delivery("push", push, guid: "evil\nline", secret: "another secret")
        #expect(await bench.router().respond(to: wrong).status == .forbidden)
        var twice = try IntakeBench.delivery("push", push)
        twice.headers.add("X-Hub-Signature-256", IntakeBench.signature(push))
        #expect(await bench.router().respond(to: twice).status == .forbidden)
        #expect(try await bench.store.jobs(JobFilter()).isEmpty)
        let lines = bench.strangersLog.lines
        #expect(lines.count == 6 && bench.log.lines.isEmpty)
        #expect(
            lines[0]
                == "delivery refused address=127.0.0.1 code=bad_signature delivery=guid-1 event=push "
                + "path=/hooks/github reason=X-Hub-Signature-256 is missing: give the webhook a secret status=403")
        #expect(lines.allSatisfy { !$0.contains("\n") && !$0.contains(IntakeBench.secret) })
    }

    @Test func `takes any of the server's secrets while they rotate`() async throws {
        let bench = try await bench(["old secret of ours", "new secret of ours"])
        for secret in ["old secret of ours", "new secret of ours"] {
            let request = try IntakeBench.delivery("push", push, secret: secret)
            #expect(await bench.router().respond(to: request).status.isSuccess)
        }
        bench.configuration.value.server.webhookSecrets = [Secret("new secret of ours")]
        let request = try IntakeBench.delivery("push", push, secret: "old secret of ours")
        #expect(await bench.router().respond(to: request).status == .forbidden)
    }

    @Test func `an app with secrets of its own takes only these, and they sign for no other`() async throws {
        let bench = try await bench(apps: [
            IntakeBench.app(Self.repository, secrets: ["the app's own secret"]),
            IntakeBench.app("baxterthehacker/public-repo", name: "other"),
        ])
        let router = bench.router()
        let other = try IntakeBench.fixture("push.branch.old-format")
        func status(_ body: [UInt8], _ secret: String, event: String = "push") async throws -> HTTPStatus {
            await router.respond(to: try IntakeBench.delivery(event, body, secret: secret)).status
        }
        #expect(try await status(push, IntakeBench.secret) == .forbidden)
        #expect(try await status(other, "the app's own secret") == .forbidden)
        #expect(try await status(push, "the app's own secret") == .accepted)
        #expect(try await status(other, IntakeBench.secret) == .accepted)
        let ping = try IntakeBench.fixture("ping.repository")
        #expect(try await status(ping, "the app's own secret", event: "ping") == .ok)
        #expect(try await status(ping, IntakeBench.secret, event: "ping") == .ok)
    }

    @Test(arguments: [
        "", "not json", "[]", "null", "{", "{}", #"{"ref":"refs/heads/main"}"#,
        #"{"ref":"refs/heads/main","repository":{"full_name":"Codertocat/Hello-World"}}"#,
        #"{"ref":"refs/heads/main","after":"xyz","repository":{"full_name":"Codertocat/Hello-World"}}"#,
        #"{"after":"6113728f27ae82c7b1a177c8d03f9e96e0adf246","repository":{"full_name":"Codertocat/Hello-World"}}"#,
    ])
    func `refuses a malformed body`(body: String) async throws {
        let bench = try await bench()
        let router = bench.router()
        let request = try IntakeBench.delivery("push", Array(body.utf8))
        #expect(await router.respond(to: request).status == .badRequest)
    }

    @Test func `survives JSON that is nested deeper than anyone means`() async throws {
        let body = Array((String(repeating: "[", count: 200_000)).utf8)
        let bench = try await bench()
        let router = bench.router()
        #expect(await router.respond(to: try IntakeBench.delivery("push", body)).status == .badRequest)
    }

    @Test(arguments: [nil, "", "a b", "x\u{7F}", String(repeating: "a", count: 129), "ü"] as [String?])
    func `refuses a delivery without a usable id or event`(value: String?) async throws {
        let bench = try await bench()
        let router = bench.router()
        for header in ["X-GitHub-Delivery", "X-GitHub-Event"] {
            var request = try IntakeBench.delivery("push", push)
            request.headers[header] = value
            #expect(await router.respond(to: request).status == .badRequest)
        }
    }

    @Test func `answers with the jobs, and again for the same delivery and for another of the same commit`()
        async throws
    {
        let bench = try await bench()
        bench.configuration.value.server.publicURL = "https://deploy.example"
        let router = bench.router()
        let first = await router.respond(to: try IntakeBench.delivery("push", push, guid: "one"))
        #expect(first.status == .accepted)
        let answer = try await first.object
        #expect(answer["decision"] as? String == "queued")
        #expect(answer["delivery"] as? String == "one")
        let jobs = try #require(answer["jobs"] as? [[String: Any]])
        #expect(jobs.count == 1)
        #expect(jobs[0]["url"] as? String == "https://deploy.example/jobs/1")
        #expect(jobs[0]["app"] as? String == "my_app")
        #expect(jobs[0]["target"] as? String == "all")

        let again = await router.respond(to: try IntakeBench.delivery("push", push, guid: "one"))
        #expect(again.status == .ok)
        #expect(try await again.object["decision"] as? String == "duplicate")
        let known = try await again.object["jobs"] as? [[String: Any]]
        #expect(known?.first?["id"] as? Int == 1)

        let other = await router.respond(to: try IntakeBench.delivery("push", push, guid: "two"))
        #expect(other.status == .ok)
        #expect(try await other.object["decision"] as? String == "joined")
    }

    @Test func `keeps of the header only what is on the list`() async throws {
        let recorder = Recorder()
        var request = try IntakeBench.delivery("push", push)
        request.headers.add("X-Github-Encoded-Secret", "c2VjcmV0")
        request.headers.add("Authorization", "Basic x")
        let bench = try await bench()
        _ = await bench.router(deliveries: recorder).respond(to: request)
        let names = await recorder.deliveries.first?.headers.map { $0.name.lowercased() }
        #expect(names == ["x-github-event", "x-github-delivery", "user-agent", "content-type"])
        let body = try #require(await recorder.deliveries.first?.body)
        #expect(try body.withBytes(Array.init) == push)
    }

    private actor Recorder: DeliveryStore {
        var deliveries: [Delivery] = []

        func record(_ delivery: Delivery, _ decision: Decision, repository: Repository?) async throws -> Receipt {
            deliveries.append(delivery)
            return .ignored(reason: "")
        }

        func app(of repository: Repository.ID) async throws -> String? { nil }
    }

    @Test func `follows a repository that was renamed`() async throws {
        let bench = try await bench()
        let router = bench.router()
        #expect(await router.respond(to: try IntakeBench.delivery("push", push)).status == .accepted)
        let renamed = try PayloadTableTests.edited("push.branch.new") { payload in
            var repository = payload["repository"] as? [String: Any]
            repository?["full_name"] = "Codertocat/Moved"
            payload["repository"] = repository
            payload["after"] = PayloadTableTests.otherSHA
        }
        let response = await router.respond(to: try IntakeBench.delivery("push", renamed))
        #expect(response.status == .accepted)
        #expect(try await bench.store.jobs(JobFilter()).first?.plan.app == "my_app")
    }

    @Test func `ignores an unknown repository with its reason`() async throws {
        let bench = try await bench(apps: [])
        let response = await bench.router().respond(to: try IntakeBench.delivery("push", push))
        #expect(response.status == .ok)
        let reason = try await response.object["reason"] as? String
        #expect(reason?.contains("belongs to no app") == true)
    }

    @Test func `each delivery that is recorded has one line, with what was decided`() async throws {
        let bench = try await bench()
        let router = bench.router()
        let payload = try #require(try JSONSerialization.jsonObject(with: Data(push)) as? [String: Any])
        let commit = try #require(payload["after"] as? String)
        for guid in ["first", "first", "second"] {
            _ = await router.respond(to: try IntakeBench.delivery("push", push, guid: guid))
        }
        _ = await router.respond(to: try IntakeBench.delivery("issues", Array("{}".utf8), guid: "third"))
        #expect(bench.log.lines.count == 4 && bench.strangersLog.lines.isEmpty)
        for (line, words) in zip(
            bench.log.lines,
            [
                ["decision=queued", "delivery=first", "jobs=1", "app=my_app", "target=all", "event=push"],
                ["decision=duplicate", "delivery=first", "jobs=1"], ["decision=joined", "delivery=second", "jobs=1"],
                ["decision=ignored", "delivery=third", "event=issues", "reason=issues events deploy nothing"],
            ])
        {
            #expect(line.hasPrefix("delivery "))
            for word in words + ["source=github"] { #expect(line.contains(" " + word), "\(line)") }
        }
        for word in ["commit=\(commit) ", "repository=\(Self.repository) ", "ref=refs/heads/", "sender="] {
            #expect(bench.log.lines[0].contains(word))
        }
    }

    @Test func `a published pre-release is ignored, and the answer names the key that adds them`() async throws {
        let bench = try await bench(apps: [
            IntakeBench.app("octo/shop", name: "shop", when: DeployCondition(release: "published"))
        ])
        func publish(_ prerelease: Bool) async throws -> [String: Any] {
            let body = Array(CatchUpBench.release("v2", prerelease: prerelease).utf8)
            return try await bench.router().respond(to: try IntakeBench.delivery("release", body)).object
        }
        let ignored = try await publish(true)
        #expect(ignored["decision"] as? String == "ignored")
        #expect((ignored["reason"] as? String)?.contains("prereleases: true") == true)
        #expect(try await publish(false)["decision"] as? String == "queued")
        bench.configuration.value.apps[0].targets[0].when.prereleases = true
        #expect(try await publish(true)["decision"] as? String == "joined")
    }

    // MARK: At a wrong path

    @Test(arguments: ["/hooks/github/", "/hooks/github"])
    func `a slash behind the path is a slip that means nothing else`(path: String) async throws {
        let bench = try await bench()
        var request = try IntakeBench.delivery("push", push)
        request.target = try #require(HTTPTarget(path))
        #expect(await bench.router().respond(to: request).status == .accepted)
    }

    @Test(arguments: [
        "/webhook", "/", "//hooks/github", "/hooks", "/hooks/github/push", "/HOOKS/GITHUB", "/jobs/1/cancel/x",
    ])
    func `a delivery to a wrong path is answered and logged with the right one`(path: String) async throws {
        let bench = try await bench(publicURL: "https://deploy.example")
        var request = try IntakeBench.delivery("push", push, guid: "guid-1")
        request.target = try #require(HTTPTarget(path))
        let answer = await bench.router().respond(to: request)
        #expect(answer.status == .notFound)
        #expect(try await answer.text.contains("https://deploy.example/hooks/github"))
        let line = try #require(bench.strangersLog.lines.first)
        #expect(bench.strangersLog.lines.count == 1)
        #expect(line.contains("delivery=guid-1 event=push path=\(path) "))
        #expect(line.contains("https://deploy.example/hooks/github"))
    }

    @Test func `what is no delivery has no line at a wrong path`() async throws {
        let bench = try await bench()
        let request = HTTPRequest(method: .post, target: try #require(HTTPTarget("/webhook")))
        #expect(await bench.router().respond(to: request).status == .notFound)
        #expect(bench.strangersLog.lines.isEmpty)
    }

    // MARK: Compressed

    @Test(arguments: ["gzip", "br", "gzip, identity", "x-unknown"])
    func `a compressed body is refused in words before it is read`(coding: String) async throws {
        let bench = try await bench()
        var request = try IntakeBench.delivery("push", push)
        request.headers["Content-Encoding"] = coding
        let answer = await bench.router().respond(to: request)
        #expect(answer.status == .unsupportedMediaType)
        #expect(answer.headers["Accept-Encoding"] == "identity")
        #expect(try await answer.text.contains("Content-Encoding is"))
        #expect(bench.strangersLog.lines.first?.contains("code=unsupported_content_encoding") == true)
    }

    @Test(arguments: ["identity", "Identity", ""])
    func `a body that says that it is not compressed is taken`(coding: String) async throws {
        let bench = try await bench()
        var request = try IntakeBench.delivery("push", push)
        request.headers["Content-Encoding"] = coding
        #expect(await bench.router().respond(to: request).status == .accepted)
    }

    @Test func `a refusal names the client behind a trusted proxy`() async throws {
        let bench = try await bench()
        bench.configuration.value.server.trustedProxies = ["127.0.0.0/8"]
        var request = try IntakeBench.delivery("push", push, secret: "another")
        request.headers["X-Forwarded-For"] = "192.0.2.1, 198.51.100.7"
        #expect(await bench.router().respond(to: request).status == .forbidden)
        #expect(bench.strangersLog.lines.first?.contains("address=198.51.100.7") == true)
    }
}

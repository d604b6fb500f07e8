import Foundation
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import TestSupport
import Testing

/// Each delivery with what becomes of it at a server that deploys every branch, tag and published release.
struct PayloadTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var file: String
        var event: String
        /// Of the job; nil: ignored.
        var commit: String?
        var kind: Trigger.Kind = .push
        var ref = ""
        /// In the reason of what is ignored.
        var reason = ""

        var testDescription: String { file }
    }

    static let rows = [
        Row(
            file: "push.branch.new", event: "push", commit: "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
            ref: "refs/heads/master"),
        Row(
            file: "push.branch.old-format", event: "push", commit: "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c",
            ref: "refs/heads/changes"),
        Row(
            file: "push.tag.created", event: "push", commit: "6113728f27ae82c7b1a177c8d03f9e96e0adf246", kind: .tag,
            ref: "refs/tags/simple-tag"),
        Row(file: "push.tag.deleted", event: "push", reason: "deleted"),
        Row(file: "release.published", event: "release", commit: "", kind: .release, ref: "refs/tags/0.0.1"),
        Row(file: "release.prereleased", event: "release", reason: "release prereleased"),
        Row(file: "release.released", event: "release", reason: "release released"),
        Row(file: "release.created", event: "release", reason: "release created"),
        Row(file: "create.tag", event: "create", reason: "create events"),
        Row(file: "delete.tag", event: "delete", reason: "delete events"),
        Row(file: "workflow_run.completed.success", event: "workflow_run", reason: "workflow_run events"),
        Row(file: "check_suite.completed.success", event: "check_suite", reason: "check_suite events"),
        Row(file: "status.success", event: "status", reason: "status events"),
        Row(file: "deployment.created", event: "deployment", reason: "deployment events"),
    ]

    @Test(arguments: rows) func `decides`(row: Row) async throws {
        let bench = try await IntakeBench(apps: [
            IntakeBench.app("codertocat/hello-world"), IntakeBench.app("baxterthehacker/public-repo", name: "other"),
        ])
        let request = try IntakeBench.delivery(row.event, try IntakeBench.fixture(row.file))
        let response = await bench.router().respond(to: request)
        let answer = try await response.object
        guard let commit = row.commit else {
            #expect(response.status == .ok)
            #expect(answer["decision"] as? String == "ignored")
            #expect((answer["reason"] as? String)?.contains(row.reason) == true, "\(answer)")
            #expect(try await bench.store.jobs(JobFilter()).isEmpty)
            return
        }
        #expect(response.status == .accepted)
        #expect(answer["decision"] as? String == "queued")
        let job = try #require(try await bench.store.jobs(JobFilter()).first)
        #expect(job.plan.commit.id?.description ?? "" == commit)
        #expect(job.plan.trigger.kind == row.kind)
        #expect(job.plan.trigger.ref == row.ref)
        #expect(job.plan.trigger.by != nil)
    }

    @Test(arguments: ["ping.repository", "ping.organization"]) func `answers a ping`(file: String) async throws {
        let bench = try await IntakeBench(apps: [])
        let request = try IntakeBench.delivery("ping", try IntakeBench.fixture(file))
        let response = await bench.router().respond(to: request)
        #expect(response.status == .ok)
        #expect(try await response.object["decision"] as? String == "pong")
    }

    /// What no real sample is free to copy, made from one that is.
    static func edited(_ file: String, _ edit: (inout [String: Any]) -> Void) throws -> [UInt8] {
        let data = Data(try IntakeBench.fixture(file))
        var object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        edit(&object)
        return Array(try JSONSerialization.data(withJSONObject: object))
    }

    private func job(_ event: String, _ body: [UInt8]) async throws -> Job? {
        let bench = try await IntakeBench(apps: [IntakeBench.app("Codertocat/Hello-World")])
        let response = await bench.router().respond(to: try IntakeBench.delivery(event, body))
        #expect(response.status.isSuccess)
        return try await bench.store.jobs(JobFilter()).first
    }

    static let otherSHA = "48141bb0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0"

    @Test func `takes an annotated tag's commit and not the tag object`() async throws {
        let body = try Self.edited("push.tag.created") { $0["after"] = Self.otherSHA }
        let job = try #require(try await job("push", body))
        #expect(job.plan.commit.id?.description == "6113728f27ae82c7b1a177c8d03f9e96e0adf246")
    }

    @Test func `leaves a tag's commit to checkout when the payload names none`() async throws {
        let body = try Self.edited("push.tag.created") {
            $0["after"] = Self.otherSHA
            $0["head_commit"] = NSNull()
        }
        let job = try #require(try await job("push", body))
        #expect(job.plan.commit.id == nil)
        #expect(job.plan.trigger.ref == "refs/tags/simple-tag")
    }

    @Test func `deploys a branch without a head commit, and a forced push`() async throws {
        let body = try Self.edited("push.branch.new") {
            $0["after"] = Self.otherSHA
            $0["head_commit"] = NSNull()
            $0["commits"] = [Any]()
            $0["forced"] = true
        }
        #expect(try await job("push", body)?.plan.commit.id?.description == Self.otherSHA)
    }

    @Test(arguments: [40, 64]) func `a deleted branch deploys nothing, whatever else it says`(zeros: Int) async throws {
        let deleted = try Self.edited("push.branch.new") { $0["deleted"] = true }
        #expect(try await job("push", deleted) == nil)
        let zero = try Self.edited("push.branch.new") { $0["after"] = String(repeating: "0", count: zeros) }
        #expect(try await job("push", zero) == nil)
    }

    @Test func `reads past fields of the wrong type`() async throws {
        let body = try Self.edited("push.branch.new") {
            $0["pusher"] = "me"
            $0["sender"] = 7
            $0["release"] = [1, 2]
            $0["hook"] = true
            $0["head_commit"] = ["id": 12, "message": ["x"], "author": "y"]
        }
        let job = try #require(try await job("push", body))
        #expect(job.plan.commit.id?.description == "6113728f27ae82c7b1a177c8d03f9e96e0adf246")
        #expect(job.plan.commit.message.isEmpty)
    }

    @Test(arguments: ["refs/pull/7/head", "refs/notes/x", "refs/heads/a b", "refs/heads/../x", "main"])
    func `a ref that is no branch or tag deploys nothing`(ref: String) async throws {
        #expect(try await job("push", try Self.edited("push.branch.new") { $0["ref"] = ref }) == nil)
    }
}

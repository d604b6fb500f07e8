import Foundation
import Testing

@testable import SlipwayIntake

@Suite struct JSONWalkerTests {
    private func payload(_ text: String) throws -> GitHubPayload {
        try Array(text.utf8).withUnsafeBytes { try GitHubPayload(json: $0) }
    }

    @Test func `takes what matters from between what does not`() throws {
        let payload = try payload(
            #"""
             {"x": [1, -2.5e+3, {"ref": "no"}, [], {}, true, null, "\"]}"], "ref" : "refs/heads/main", "deleted": false,
             "repository": {"owner": {"id": 3}, "id": 1296269, "full_name": "octocat/hello"}, "action": null,
             "head_commit": {"id": "48", "message": "Say \"hi\"\n\u00e9\ud83d\ude00", "author": {"name": "Ána"}},
             "hook": {"events": ["push", "release"]}, "after": 7, "\u0070usher": {"name": "me"}}
            """#)
        #expect(payload.ref == "refs/heads/main")
        #expect(payload.deleted == false)
        #expect(payload.repository?.id == 1_296_269)
        #expect(payload.repository?.fullName == "octocat/hello")
        #expect(payload.headCommit?.message == "Say \"hi\"\né😀")
        #expect(payload.headCommit?.author?.name == "Ána")
        #expect(payload.hook?.events == ["push", "release"])
        #expect(payload.pusher?.name == "me")
        // Of another type, or null: as if they were not there.
        #expect(payload.after == nil && payload.action == nil && payload.release == nil)
    }

    @Test func `values of other types count as missing`() throws {
        let payload = try payload(
            #"{"ref": {"a": 1}, "deleted": "yes", "repository": [], "head_commit": "x", "hook": {"events": ["a", 1]}}"#)
        #expect(payload.ref == nil && payload.deleted == nil && payload.repository == nil)
        #expect(payload.headCommit == nil && payload.hook?.events == nil)
    }

    @Test(arguments: ["{}", " {\t} \r\n", "{\"a\":-0.0e-7}", "{\"a\":[1,[],{}]}", "{\"ref\":\"\\u0041\\/\\b\"}"])
    func `takes`(_ text: String) throws {
        _ = try payload(text)
    }

    @Test(arguments: [
        "", " ", "[]", "7", "\"x\"", "null", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}",
        "{a:1}",
        "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":-}", "{\"a\":1e}", "{\"a\":tru}", "{\"a\":nul}",
        "{\"a\":[1,]}", "{\"a\":[1 2]}", "{\"a\":[}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\n\"}",
        "{\"a\":\"x}", "{} x", "{}{}", "{\"ref\":\"\\ud83d\"}",
    ]) func `refuses`(_ text: String) {
        #expect(throws: JSONWalker.Malformed.self) { try payload(text) }
    }

    @Test func `is bounded in depth, and not in length`() throws {
        let deep = "{\"a\":" + String(repeating: "[", count: 600) + String(repeating: "]", count: 600) + "}"
        #expect(throws: JSONWalker.Malformed.self) { try payload(deep) }
        let long = "{\"a\":[" + String(repeating: "{\"b\":\"c\"},", count: 100_000) + "0],\"ref\":\"r\"}"
        #expect(try payload(long).ref == "r")
    }

    @Test func `text that is no UTF-8 is refused where it matters`() {
        let bytes = Array("{\"ref\":\"".utf8) + [0xFF] + Array("\"}".utf8)
        #expect(throws: JSONWalker.Malformed.self) { try bytes.withUnsafeBytes { try GitHubPayload(json: $0) } }
    }
}

import SlipwayCore
import Testing

struct CommitIDTests {
    @Test(arguments: [40, 64])
    func `takes SHA-1 and SHA-256 names`(digits: Int) {
        #expect(CommitID(String(repeating: "a", count: digits)) != nil)
    }

    @Test(arguments: [
        "", "48141bb", String(repeating: "A", count: 40), String(repeating: "g", count: 40),
        "--upload-pack=touch /x" + String(repeating: "a", count: 18), String(repeating: "a", count: 41),
    ])
    func `refuses all else`(text: String) {
        #expect(CommitID(text) == nil)
    }

    @Test func `knows GitHub's word for no commit`() throws {
        #expect(try #require(CommitID(String(repeating: "0", count: 40))).isZero)
        #expect(try #require(CommitID(String(repeating: "0", count: 39) + "1")).isZero == false)
    }
}

struct GitRefTests {
    @Test(arguments: [
        ("refs/heads/main", GitRef.Kind.branch, "main"), ("refs/heads/feature/login", .branch, "feature/login"),
        ("refs/tags/v1.2", .tag, "v1.2"), ("refs/heads/-x", .branch, "-x"), ("refs/heads/größe", .branch, "größe"),
        ("refs/heads/refs/heads/odd", .branch, "refs/heads/odd"),
    ])
    func `splits a full ref by its known prefix only`(full: String, kind: GitRef.Kind, name: String) throws {
        let ref = try #require(GitRef(full))
        #expect(ref.kind == kind)
        #expect(ref.name == name)
        #expect(ref.description == full)
    }

    @Test(arguments: [
        "main", "--upload-pack=x", "refs/heads/", "refs/pull/1/head", "refs/heads/a..b", "refs/heads/a b",
        "refs/heads/a\nb", "refs/heads/.hidden", "refs/heads/x.lock", "refs/heads/a//b", "refs/heads/a/",
        "refs/heads/a.",
        "refs/heads/a@{1}", "refs/heads/a:b", "refs/heads/a^", "refs/heads/a*", "refs/heads/a\\b", "refs/heads/a\u{7F}",
    ])
    func `refuses what git would not take as a ref`(text: String) {
        #expect(GitRef(text) == nil)
    }
}

struct CommitTests {
    @Test(arguments: [("Fix login\n\nIt broke.", "Fix login"), ("", ""), ("\r\nLate\r\n", "Late"), ("One", "One")])
    func `has the message's first line as its subject`(message: String, subject: String) {
        #expect(Commit(id: nil, message: message).subject == subject)
    }
}

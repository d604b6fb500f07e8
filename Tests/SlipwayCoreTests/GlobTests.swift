import SlipwayCore
import Testing

struct GlobTests {
    @Test(arguments: [
        ("master", "master"), ("*", "main"), ("**", "feature/a/b"), ("feature/*", "feature/login"),
        ("feature/**", "feature/a/b"), ("v*", "v1.2.3"), ("v*.*", "v1.2"), ("**/hotfix", "team/a/hotfix"),
        ("release-*-final", "release-1-2-final"), ("*a*a*a*", "banana-rama"), ("v*", "v"), ("größe*", "größe-1"),
    ])
    func `matches`(pattern: String, name: String) {
        #expect(Glob(pattern).matches(name))
    }

    @Test(arguments: [
        ("master", "main"), ("*", "feature/login"), ("feature/*", "feature/a/b"), ("feature/**", "feature"),
        ("v*", "1.0"), ("", "x"), ("a?c", "abc"), ("[ab]", "a"), ("release/*/x", "release/x"), ("Master", "master"),
    ])
    func `does not match`(pattern: String, name: String) {
        #expect(!Glob(pattern).matches(name))
    }

    /// A list, what it contains, and what it does not.
    @Test(
        arguments: [
            (["**", "!gh-readonly-queue/**"], ["main", "gh-readonly-queue"], ["gh-readonly-queue/main/pr-1-abc"]),
            (["releases/**", "!releases/**-alpha"], ["releases/10"], ["releases/beta/3-alpha", "main"]),
            // The last that matches decides.
            (["a/*", "!a/*", "a/b"], ["a/b"], ["a/c"]), (["!main", "**"], ["main", "x"], []),
            (["main", "!main"], [], ["main"]), (["v*", "!v*-rc*"], ["v2"], ["v2-rc.1"]), (["!x"], [], ["x", "y"]),
            ([], [], ["main", ""]),
        ] as [([String], [String], [String])])
    func `a pattern after ! takes names out of a list`(patterns: [String], names: [String], others: [String]) {
        let list = patterns.map(Glob.init)
        for name in names { #expect(list.contain(name), "\(name)") }
        for name in others { #expect(!list.contain(name), "\(name)") }
    }

    @Test func `stays quick on a hostile pattern`() {
        #expect(!Glob(String(repeating: "*a", count: 60)).matches(String(repeating: "a", count: 200) + "b"))
    }
}

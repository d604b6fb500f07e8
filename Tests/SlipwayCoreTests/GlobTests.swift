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

    @Test func `stays quick on a hostile pattern`() {
        #expect(!Glob(String(repeating: "*a", count: 60)).matches(String(repeating: "a", count: 200) + "b"))
    }
}

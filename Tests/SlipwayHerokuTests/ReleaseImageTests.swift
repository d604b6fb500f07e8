import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

struct ReleaseImageTests {
    @Test func `a release phase's image runs the migration, quotes and all`() {
        let image = ReleaseImage(base: "sha256:abc", command: #"bin/migrate "a b" \ $HOME"#, attempt: 0)
        #expect(
            image.changes == [
                #"ENTRYPOINT ["/bin/sh","-c"]"#, #"CMD ["bin/migrate \"a b\" \\ $HOME"]"#,
            ])
        #expect(image.tag == ReleaseImage(base: "sha256:abc", command: #"bin/migrate "a b" \ $HOME"#, attempt: 0).tag)
        #expect(image.tag != ReleaseImage(base: "sha256:abc", command: #"bin/migrate "a b" \ $HOME"#, attempt: 1).tag)
    }

    @Test func `an entrypoint that takes arguments gets the migration`() {
        var image = ReleaseImage(base: "sha256:abc", entrypoint: ["/entry", "a b"], command: "bin/migrate", attempt: 0)
        #expect(image.changes == [#"ENTRYPOINT ["/entry","a b"]"#, #"CMD ["/bin/sh","-c","bin/migrate"]"#])
        let plain = ReleaseImage(base: "sha256:abc", command: "bin/migrate", attempt: 0)
        #expect(image.tag != plain.tag)
        // As `ENTRYPOINT server` is kept: it takes none.
        image.entrypoint = ["/bin/sh", "-c", "server"]
        #expect(image.changes == plain.changes)
    }

    @Test func `a derived image's tag is one that Docker takes`() {
        let base = "sha256:" + String(repeating: "a", count: 64)
        let image = ReleaseImage(base: base, command: "x", attempt: 0)
        #expect(image.tag.split(separator: ":")[1].utf8.count <= 128)
        #expect(ImageName.byContent(of: base).split(separator: ":")[1].utf8.count <= 128)
    }

    @Test(
        arguments: [
            ("latest: digest: sha256:aa size: 527\n", "sha256:aa"),
            ("The push refers to repository [x/y]\n1: Pushed\nlatest: digest: sha256:bb size: 1\n", "sha256:bb"),
            ("nothing\n", nil),
        ] as [(String, String?)])
    func `reads the manifest's digest from what a push prints`(_ output: String, _ digest: String?) {
        #expect(HerokuPlatform.manifestDigest(in: output) == digest)
    }
}

import SlipwayCore
import Testing

@testable import SlipwayDeploy

struct DockerfileTextTests {
    private func used(_ text: String) -> Set<BuilderFeature> {
        BuilderFeature.used(in: DockerfileText(Array(text.utf8)).instructions)
    }

    @Test(
        arguments: [
            ("FROM a\nRUN <<EOF\necho one\nEOF\n", [.heredoc]),
            ("FROM a\r\nRUN <<EOF\r\necho one\r\nEOF\r\n", [.heredoc]),
            ("FROM a\nCOPY <<'EOF' /x\nRUN --mount=type=cache x\nEOF\nRUN true", [.heredoc]),
            ("FROM a\nRUN python3 <<-\"END\" > /x && true\n\tx\n\tEND\n", [.heredoc]),
            ("FROM a\nADD <<A <<B /x/\na\nA\nb\nB\n", [.heredoc]),
            ("FROM a\nrun \\\n  # why\n\n  --mount=type=secret,id=x \\\n  cat /run/secrets/x\n", [.mount]),
            ("# escape=`\nFROM a\nRUN `\n --mount=type=cache,target=/x x\n", [.mount]),
            ("FROM a\nONBUILD RUN --network=none x\n", [.runNetwork]),
            (
                "FROM a\nCOPY --from=b --chmod=755 --link x /\nADD --checksum=sha256:0 http://x /\n",
                [.chmod, .link, .checksum]
            ),
            ("FROM a\nCOPY --parents --exclude=*.md x /\n", [.parents, .exclude]),
        ] as [(String, Set<BuilderFeature>)])
    func `what a Dockerfile asks of its builder is seen`(_ text: String, _ features: Set<BuilderFeature>) {
        #expect(used(text) == features)
    }

    @Test(arguments: [
        "FROM a\nRUN echo $((1 << 2)) --mount=x\n", "FROM a\nRUN cat <<EOF\n",
        "FROM a\nRUN cat <<EOF > /x \\\nhello \\\nEOF\n", "FROM a\n# RUN --mount=type=cache x\nRUN true\n",
        "FROM a\nCOPY --from=b --chown=1:1 x /\n", "FROM a\nRUN [\"sh\", \"-c\", \"cat <<EOF\"]\n",
        "FROM a\nCMD <<EOF\nEOF\n", "",
    ])
    func `what it does not ask for is not`(_ text: String) {
        #expect(used(text).isEmpty)
    }

    @Test func `a frontend that is not allowed is named, with the key that allows it`() {
        let refusal = DockerfileText(Array("# syntax=evil/x\nFROM a".utf8)).refusal(allowing: .default)
        #expect(refusal?.contains("`# syntax=evil/x`") == true)
        #expect(refusal?.contains("build.frontends") == true)
        #expect(DockerfileText(Array("# syntax=docker/dockerfile:1\nFROM a".utf8)).refusal(allowing: .default) == nil)
        #expect(DockerfileText(Array("{}".utf8)).refusal(allowing: .default)?.contains("syntax") == true)
    }
}

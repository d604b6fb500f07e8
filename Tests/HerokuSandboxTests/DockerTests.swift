import Testing

@testable import HerokuSandbox

@Suite struct DockerTests {
    @Test(arguments: ["echo", "/bin/echo"])
    func `the CLI is a path, or a name to be found in PATH`(executable: String) async throws {
        let docker = Docker(executable: executable, host: "unix:///docker.sock", configuration: "/login")
        #expect(try await docker.run(["ps"]) == "--config /login --host unix:///docker.sock ps")
    }
}

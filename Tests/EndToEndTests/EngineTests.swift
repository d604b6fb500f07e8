import Foundation
import Testing

/// Whole deploys while Docker stops. What becomes of a job for which it does not come back is in `PipelineTests`, with
/// less patience.
struct EngineTests {
    private static let apps = """
        hello:
          repository: octocat/hello
          clone_url: file://REPOSITORY
          test: {image: slipway-examples/busybox, run: "for i in $(seq 600); do echo testing $i; sleep 0.1; done"}
          targets:
            production: {heroku: engine, when: {push: [main]}, health: {path: /, within: 9m}}
        """

    @Test func `an engine that is killed in the middle of tests and build costs a job time, and nothing else`()
        async throws
    {
        try await withFolder { folder in
            let engine = try await Engine(in: folder)
            do {
                try await withYard(
                    of: "hello", named: "octocat/hello", herokuApps: ["engine": [:]], apps: Self.apps,
                    in: { _ in Yard.Surroundings(environment: ["DOCKER_HOST": engine.host]) }
                ) { try await endure(engine, $0, $1) }
            } catch {
                await engine.close()
                throw error
            }
            await engine.close()
        }
    }

    private func endure(_ engine: Engine, _ yard: Yard, _ repository: Repository) async throws {
        try repository.lengthenBuild(seconds: 60)
        let commit = try await repository.commit("Take long to build")
        let number = try await yard.push(repository)
        for words in ["building 3", "testing 3"] { try await yard.waitFor(words, in: number) }
        try await engine.kill()
        try await yard.waitFor("the Docker engine has stopped; waiting for it", in: number)
        #expect(try await yard.job(number)["state"] as? String == "running")
        #expect(try await yard.ask("/healthz") == "ok")
        #expect(try await engine.isNumberTaken(), "another run could delete the bridge under an engine that comes back")
        try await engine.start()
        let job = try await yard.finish(number)
        #expect(job.state == "succeeded", "\(job.reason)\n\(job.log)")
        #expect(try await yard.page(of: "engine").contains(commit))
        let said = job.log.split(separator: "\n").filter { $0.contains("slipway: ") }.joined(separator: "; ")
        print("Docker killed in tests and build: \(job.state), \(said)")

        let next = try await repository.commit("After it")
        #expect(try await yard.finish(try await yard.push(repository)).state == "succeeded")
        #expect(try await yard.page(of: "engine").contains(next))
    }
}

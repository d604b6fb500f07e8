import Foundation
import Testing

/// The Elixir example as a team would use it: its real release image, its tests in a container, a real PostgreSQL that
/// its own migrations change.
struct ElixirTests {
    static let apps = """
        guestbook:
          repository: ada/guestbook
          clone_url: file://REPOSITORY
          test:
            image: slipway-examples/elixir:bookworm
            env: {MIX_ENV: test}
            run: |
              mix format --check-formatted
              mix test
          build:
            args: {MIX_ENV: prod}
          targets:
            homolog:
              heroku: guestbook-homolog
              when: {push: [main]}
              migrate: {command: /app/bin/migrate, run: release-phase}
              health: {path: /status, within: 9m}
            production:
              heroku: guestbook
              when: {tag: ["v*"]}
              migrate: {command: /app/bin/migrate, run: one-off}
              health: {path: /status, within: 9m}
        """

    @Test func `goes from a signed push to a live release, again, by curl, by one-off, and survives a bad migration`()
        async throws
    {
        let homolog = try await Database("homolog")
        let production = try await Database("production")
        try await withYard(
            of: "elixir", named: "ada/guestbook",
            herokuApps: [
                "guestbook-homolog": ["DATABASE_URL": homolog.url], "guestbook": ["DATABASE_URL": production.url],
            ], apps: Self.apps
        ) { yard, repository in
            try await story(yard, repository, homolog, production)
        }
    }

    private func story(
        _ yard: Yard, _ repository: Repository, _ homolog: Database, _ production: Database
    ) async throws {
        // The first push: everything from nothing, the migration in the release phase.
        let first = try await repository.git("rev-parse", "HEAD")
        var job = try await yard.finish(try await yard.push(repository))
        try #require(job.state == "succeeded", "\(job.reason)\n\(job.log)")
        #expect(
            job.steps == [
                "checkout succeeded", "test succeeded", "build succeeded", "push succeeded", "migrate succeeded",
                "release succeeded", "verify succeeded",
            ])
        #expect(job.log.contains("0 failures"))
        #expect(try await yard.page(of: "guestbook-homolog").contains(first))
        #expect(try await homolog.query("SELECT count(*) FROM notes") == "0")

        // A second push, with a second migration.
        try repository.write(
            "alter table notes add column author text;\n", to: "priv/migrations/20240201000000_add_author.sql")
        let second = try await repository.commit("Let notes have an author")
        job = try await yard.finish(try await yard.push(repository))
        try #require(job.state == "succeeded", "\(job.reason)\n\(job.log)")
        #expect(try await yard.page(of: "guestbook-homolog").contains(second))
        #expect(try await homolog.query("SELECT count(author) FROM notes") == "0")

        // The live commit once more, by curl, watched until it ends.
        let watched = try await yard.ask("/deploy/guestbook/homolog?wait=1", "--request", "POST")
        #expect(
            watched.split(separator: "\n").last?.wholeMatch(of: /slipway: job \d+ succeeded.*/) != nil, "\(watched)")
        #expect(watched.contains("already running"))

        // A tag goes to production, whose migration is a one-off dyno after the release.
        try await repository.git("tag", "--annotate", "v1", "--message", "One")
        job = try await yard.finish(try await yard.push(repository, ref: "refs/tags/v1"))
        try #require(job.state == "succeeded", "\(job.reason)\n\(job.log)")
        #expect(job.steps.suffix(3) == ["release succeeded", "migrate succeeded", "verify succeeded"])
        #expect(try await yard.page(of: "guestbook").contains(second))
        #expect(try await production.query("SELECT count(author) FROM notes") == "0")

        // A migration that exits 3: the job fails and says so, the old release goes on serving.
        try repository.write(
            "#!/bin/sh\necho cannot alter notes\nexit 3\n", to: "rel/overlays/bin/migrate", executable: true)
        let third = try await repository.commit("Break the migration")
        job = try await yard.finish(try await yard.push(repository))
        #expect(job.state == "failed")
        #expect(job.reason.contains("migrat"), "\(job.reason)")
        #expect(job.reason.contains("3"), "\(job.reason)")
        #expect(job.steps.suffix(3) == ["migrate failed", "release skipped", "verify skipped"])
        #expect(job.log.contains("cannot alter notes"))
        let page = try await yard.page(of: "guestbook-homolog")
        #expect(page.contains(second))
        #expect(!page.contains(third))
    }
}

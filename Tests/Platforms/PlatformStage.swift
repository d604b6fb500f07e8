package import SlipwayCore
package import SlipwayDeploy

/// What a platform's own tests give to the suite: images, places of their own, and a look at the world.
package protocol PlatformStage: Sendable {
    var kind: any PlatformKind { get }
    var configuration: Configuration { get }
    var engine: JobEngine { get }
    /// The ways of migrating that the platform has.
    var ways: [Migration.Way] { get }

    /// A place that nothing was released to.
    func newPlace() async throws -> Place

    /// An image whose process `web` answers this text.
    func image(_ text: String, of commit: CommitID) async throws -> BuiltImage

    /// Takes an image away from where images are built.
    func remove(_ image: String) async throws

    /// - Parameter succeeds: false for one that fails.
    func migrationCommand(succeeds: Bool) -> String

    /// What has happened at a place.
    func facts(of place: Place) async throws -> PlaceFacts
}

package struct PlaceFacts: Sendable, Equatable {
    package var releases: Int
    /// Runs of a migration's command, not of what stands in for it.
    package var migrations: Int
    /// What `web` answers; nil: nothing is live.
    package var answer: String?

    package init(releases: Int, migrations: Int, answer: String?) {
        self.releases = releases
        self.migrations = migrations
        self.answer = answer
    }
}

import Foundation
import SlipwayCore

extension JobRun {
    /// What a Docker command may show registries.
    enum Logins: String {
        /// Heroku's registry: pushes, and what is pulled back from there.
        case platform
        /// Those of `registries`. For builds and tests, in which a repository chooses the images: with a login of Heroku's
        /// registry whoever pushes could read the images of every app of the account.
        case images
    }

    /// Commands with a `DOCKER_CONFIG` of the job's own, which goes with the job's folder.
    func docker(_ logins: Logins) async throws -> DockerCommands {
        let folder = "\(folder)/docker-\(logins.rawValue)"
        if !FileManager.default.fileExists(atPath: folder + "/config.json") {
            let known: [DockerConfiguration.Login] =
                switch logins {
                case .platform: [.heroku(configuration.heroku)]
                case .images: configuration.registries.map { .init($0) }
                }
            _ = try DockerConfiguration(
                folder: folder, logins: known, settings: parts.docker.settings, home: parts.docker.home)
        }
        return try await parts.docker.commands(configuration: folder)
    }
}

import Foundation
import SlipwayBase
import SlipwayCore

/// What is said before a build begins, and what is laid out for it.
extension BuildStep {
    /// - Throws: `StepFailure` for a Dockerfile that names a frontend which is not allowed, or needs what this engine's
    ///   builder does not have.
    func refuseWhatCannotBeBuilt(_ path: String, _ recipe: BuildRecipe, _ docker: DockerCommands, _ run: JobRun)
        async throws
    {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw StepFailure(
                "\(recipe.dockerfile.singleLine(limit: 200)), which build.dockerfile names, is not a file")
        }
        let name = recipe.dockerfile.singleLine(limit: 200)
        let dockerfile = DockerfileText(Array(bytes))
        if let refusal = dockerfile.refusal(allowing: run.configuration.build.frontends) {
            throw StepFailure("\(name) \(refusal)")
        }
        let builder = docker.builder
        for (key, isSet) in [("secrets", !recipe.secrets.isEmpty), ("ssh", !recipe.ssh.isEmpty)] {
            guard isSet, !builder.hasBuildKit else { continue }
            throw StepFailure("build.\(key) needs BuildKit: \(builder.wayToMore)")
        }
        if recipe.ssh.contains(where: { $0.path == nil }), docker.environment["SSH_AUTH_SOCK"] == nil {
            throw StepFailure(
                "build.ssh names no key, and this server has no SSH_AUTH_SOCK: start it beside an ssh-agent, or write "
                    + "`{default: /path/to/key}`")
        }
        // A frontend of its own reads the file by its own rules; the first builder does not know that there are any.
        var needed =
            dockerfile.namesFrontend && builder.hasBuildKit ? [] : BuilderFeature.used(in: dockerfile.instructions)
        if try hasOwnIgnoreFile(path, recipe, run) { needed.insert(.ownIgnoreFile) }
        let lacking = try await run.parts.docker.lacking(needed, docker, folder: run.folder)
        guard lacking.isEmpty else {
            let words = lacking.map(\.words).joined(separator: " and ")
            throw StepFailure("\(name) needs \(words), which this engine's builder does not have: \(builder.wayToMore)")
        }
    }

    /// Whether an ignore file stands beside the Dockerfile, by its name.
    private func hasOwnIgnoreFile(_ path: String, _ recipe: BuildRecipe, _ run: JobRun) throws -> Bool {
        let files = FileManager.default
        let named = "\(run.source)/\(recipe.dockerfile)"
        let isThere = files.fileExists(atPath: path + ".dockerignore")
        // Docker looks beside what is built from, and that is where a link leads.
        if !isThere, files.fileExists(atPath: named), files.fileExists(atPath: named + ".dockerignore") {
            throw StepFailure(
                "\(recipe.dockerfile.singleLine(limit: 200)) is a link, and its ignore file would not be found: move that "
                    + "beside the file that the link leads to, under its name")
        }
        return isThere
    }

    func secretsFolder(_ run: JobRun) -> String { run.folder + "/secrets" }

    /// A file for each, readable by nobody else and gone after the build: an argument or a variable of a process can be
    /// looked at for longer, and by more.
    func writeSecrets(
        _ secrets: [(name: String, value: Secret)], _ run: JobRun
    ) throws -> [(id: String, file: String)] {
        let files = FileManager.default
        let folder = secretsFolder(run)
        guard !secrets.isEmpty else { return [] }
        try files.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return try secrets.enumerated().map { index, secret in
            let file = "\(folder)/\(index)"
            let made = files.createFile(
                atPath: file, contents: Data(secret.value.revealed.utf8), attributes: [.posixPermissions: 0o600])
            guard made else { throw StepFailure("\(file) cannot be written; is the disk full?") }
            return (secret.name, file)
        }
    }
}

import ArgumentParser
import Foundation
import HerokuSandbox
import Logging
import SlipwayBase

/// `slipway heroku-sandbox`: the stand-in for Heroku's platform, as a process of its own for the demo and for trying
/// things out. It is never in the path of a real deploy.
struct HerokuSandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heroku-sandbox",
        abstract: "Stand in for Heroku's platform, with dynos on the local Docker engine.",
        discussion: """
            Takes HEROKU_API_KEY for the key that clients show, SLIPWAY_REGISTRY and SLIPWAY_REGISTRY_PASSWORD for the \
            registry (HEROKU_API_KEY and the password are one and the same, as at Heroku), SLIPWAY_DOCKER and \
            DOCKER_HOST for the engine.
            """,
        shouldDisplay: false)

    @Option(help: "A folder of its own.")
    var folder: String

    @Option(help: "The PEM file of the rendezvous' certificate.")
    var certificate: String

    @Option(help: "The PEM file of its key.")
    var key: String

    @Option(help: "The API's port on 127.0.0.1; 0: any free one.")
    var port = 0

    @Option(name: .customLong("app"), help: "An app that is there from the start; may be given several times.")
    var apps: [String] = []

    @OptionGroup var parent: ParentOption

    func run() async throws {
        ProcessSettings.ignoreBrokenPipes()
        ProcessSettings.raiseFileLimit()
        let signals = Signals([.terminate, .interrupt], stopWithInput: parent.stopWithInput)
        let settings = try settings()
        let redactor = Current(Redactor(secrets: [settings.apiKey, settings.registryPassword]))
        let logger = Logger(label: "slipway.sandbox") { _ in LineLogHandler(redactor: redactor) }
        do {
            let sandbox = try HerokuSandbox(settings: settings)
            let work = Task { try await sandbox.run() }
            for app in apps {
                let url = try await sandbox.createApp(app)
                logger.notice("app", metadata: ["name": "\(app)", "url": "\(url)"])
            }
            logger.notice("the stand-in for Heroku is ready", metadata: ["address": "\(sandbox.apiURL)"])
            let stop = Task {
                for await _ in signals.received { work.cancel() }
            }
            defer { stop.cancel() }
            try await work.value
        } catch is CancellationError {
            // Asked for.
        } catch {
            logger.critical("\(error)")
            throw ExitStatus.failed
        }
    }

    private func settings() throws -> SandboxSettings {
        let environment = ProcessInfo.processInfo.environment
        func variable(_ name: String) throws -> String {
            guard let value = environment[name], !value.isEmpty else { throw ValidationError("set \(name)") }
            return value
        }
        var settings = SandboxSettings(
            apiKey: Secret(try variable("HEROKU_API_KEY")), registry: try variable("SLIPWAY_REGISTRY"),
            registryPassword: Secret(try variable("SLIPWAY_REGISTRY_PASSWORD")), certificate: certificate, key: key,
            folder: folder)
        settings.port = port
        settings.docker = environment["SLIPWAY_DOCKER"] ?? settings.docker
        settings.dockerHost = environment["DOCKER_HOST"]
        return settings
    }
}

import Foundation
package import SlipwayBase
import SlipwayHTTP
import SlipwayNet

/// A stand-in for Heroku's Platform API whose dynos are containers of the local Docker engine.
///
/// It keeps its state in memory and its containers labelled; both are gone when it stops. What a test wants to know or to
/// break is at hand here, and for other processes over HTTP beneath `/sandbox/`.
package final class HerokuSandbox: Sendable {
    package let settings: SandboxSettings
    /// What goes wrong with the next requests.
    package let faults = Faults()
    /// What has been asked.
    package let calls = CallList()
    /// How awkward it is; may change while it runs.
    package let behaviour: Current<Behaviour>

    let platform: Platform
    private let server: HTTPServer
    private let door: FrontDoor
    private let rendezvous: RendezvousServer
    private let jobs: AsyncStream<Platform.Job>
    private let endpoints = Current(Platform.Endpoints())

    /// Binds its addresses, so that a busy port or a bad certificate is an error here.
    /// - Throws: `SandboxError`, and what the listeners throw.
    package init(settings: SandboxSettings) throws {
        var settings = settings
        settings.folder = URL(fileURLWithPath: settings.folder).standardizedFileURL.path
        self.settings = settings
        behaviour = Current(settings.behaviour)
        let login = try DockerLogin.write(
            registry: settings.registry, password: settings.registryPassword, folder: settings.folder)
        let docker = Docker(executable: settings.docker, host: settings.dockerHost, configuration: login)
        let client = HTTPClient(tls: try TLSClientContext())
        let (jobs, continuation) = AsyncStream.makeStream(of: Platform.Job.self)
        self.jobs = jobs
        platform = Platform(
            settings: settings, docker: docker,
            images: ImageRegistry(
                address: settings.registry, password: settings.registryPassword, client: client), webClient: client,
            behaviour: behaviour, endpoints: endpoints, jobs: continuation)
        rendezvous = try RendezvousServer(settings: settings, platform: platform)
        var limits = HTTPLimits()
        // Followers of logs never end by themselves.
        limits.stopTime = .milliseconds(500)
        let api = API(platform: platform, faults: faults, calls: calls, apiKey: settings.apiKey)
        server = try HTTPServer(host: settings.host, port: 0, limits: limits, router: api.router)
        door = try FrontDoor(host: settings.host, port: settings.port, innerPort: server.port)
        endpoints.value = Platform.Endpoints(apiPort: door.listener.port, rendezvousPort: rendezvous.listener.port)
    }

    /// `http://host:port`, without a slash at its end.
    package var apiURL: String { platform.apiURL }
    package var rendezvousPort: Int { endpoints.value.rendezvousPort }

    /// Serves until the task is cancelled; then all containers are removed.
    package func run() async throws {
        await platform.docker.removeAll(label: platform.label)
        defer { DockerLogin.remove(platform.docker.configuration) }
        let outcome: Result<Void, any Error>
        do {
            try await serve()
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        // In a task of its own: this one is cancelled, and would run no command any more.
        await Task { [platform] in await platform.docker.removeAll(label: platform.label) }.value
        try outcome.get()
    }

    private func serve() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [server] in try await server.run() }
            group.addTask { [door] in try await door.run() }
            group.addTask { [rendezvous] in try await rendezvous.run() }
            group.addTask { [jobs] in
                await withDiscardingTaskGroup { running in
                    for await job in jobs { running.addTask { await job() } }
                }
            }
            // Whichever ends first, by cancellation or by an error, ends the others.
            defer { group.cancelAll() }
            _ = try await group.next()
        }
    }
}

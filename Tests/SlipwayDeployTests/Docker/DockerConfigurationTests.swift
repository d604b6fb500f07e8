import Foundation
import SlipwayBase
import SlipwayCore
import TestSupport
import Testing

@testable import SlipwayDeploy

struct DockerConfigurationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func written(_ logins: [DockerConfiguration.Login], _ settings: DockerSettings = DockerSettings()) throws
        -> String
    {
        _ = try DockerConfiguration(
            folder: folder.path + "/docker", logins: logins, settings: settings, home: "/home/me")
        return try folder.read("docker/config.json")
    }

    @Test func `a login is a private file of the job, never an argument`() throws {
        let login = DockerConfiguration.Login(address: "registry.heroku.com", user: "_", password: Secret("k"))
        let configuration = try DockerConfiguration(
            folder: folder.path + "/docker", logins: [login], home: "/home/me")
        let files = FileManager.default
        #expect(try files.attributesOfItem(atPath: configuration.folder)[.posixPermissions] as? Int == 0o700)
        #expect(
            try files.attributesOfItem(atPath: configuration.folder + "/config.json")[.posixPermissions] as? Int
                == 0o600)
        #expect(
            try folder.read("docker/config.json")
                == #"{"auths":{"registry.heroku.com":{"auth":"Xzpr"}},"cliPluginsExtraDirs":["/home/me/.docker/cli-plugins"]}"#
        )
        configuration.delete()
        #expect(!folder.has("docker"))
    }

    @Test func `a registry's login is under the address that Docker looks it up by`() throws {
        let logins = [("index.docker.io", "me"), ("ghcr.io", "bot")].map {
            DockerConfiguration.Login(RegistryLogin(host: $0.0, user: $0.1, password: Secret("p")))
        }
        let text = try written(logins)
        #expect(text.contains(#""https://index.docker.io/v1/":{"auth":"bWU6cA=="}"#))
        #expect(text.contains(#""ghcr.io":{"auth":"Ym90OnA="}"#))
    }

    @Test func `of the operator's settings proxies and plugins are kept, and no login`() throws {
        try folder.write(
            """
            {"auths": {"registry.heroku.com": {"auth": "c2VjcmV0"}}, "credsStore": "pass", "credHelpers": {"x": "y"},
             "proxies": {"default": {"httpProxy": "http://proxy:3128", "noProxy": "localhost"}},
             "cliPluginsExtraDirs": ["/opt/plugins"]}
            """, to: ".docker/config.json")
        let settings = DockerSettings(environment: ["HOME": folder.path])
        #expect(
            try written([], settings)
                == #"{"auths":{},"cliPluginsExtraDirs":["/home/me/.docker/cli-plugins","/opt/plugins"],"#
                + #""proxies":{"default":{"httpProxy":"http://proxy:3128","noProxy":"localhost"}}}"#)
    }

    @Test func `DOCKER_CONFIG names another folder, and a broken file costs nothing`() throws {
        try folder.write(
            #"{"proxies": {"default": {"httpsProxy": "http://p"}}, "cliPluginsExtraDirs": 1}"#, to: "own/config.json")
        try folder.write("{", to: ".docker/config.json")
        let named = DockerSettings(environment: ["HOME": folder.path, "DOCKER_CONFIG": folder.path + "/own"])
        #expect(named.proxies == ["default": ["httpsProxy": "http://p"]])
        #expect(named.pluginFolders == [folder.path + "/own/cli-plugins"])
        #expect(DockerSettings(environment: ["HOME": folder.path]) == DockerSettings())
        #expect(DockerSettings(environment: [:]) == DockerSettings())
    }
}

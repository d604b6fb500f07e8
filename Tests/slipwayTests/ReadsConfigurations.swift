import SlipwayCore

@testable import slipway

/// A suite that reads configurations as a test writes them.
protocol ReadsConfigurations {}

extension ReadsConfigurations {
    func parse(_ text: String, _ variables: [String: String] = ["SECRET": "secret-secret-secret"]) throws
        -> Configuration
    {
        try ConfigurationFile.parse(
            text, file: "slipway.yml", folder: "/etc/slipway", environment: Environment(variables))
    }

    /// A file that is right but for what is put into it.
    func file(server: String = "", heroku: String = "", app: String = "", target: String = "") -> String {
        """
        server:
          listen: 127.0.0.1:0
          data: data
          webhook_secrets: ["${SECRET}"]
          \(server)
        heroku:
          api_key: ${SECRET}
          \(heroku)
        apps:
          hello:
            repository: octo/hello
            \(app)
            targets:
              production:
                heroku: octo-hello
                \(target)
        """
    }

    func problems(
        _ text: String, _ variables: [String: String] = ["SECRET": "secret-secret-secret"]
    ) -> [String] {
        do {
            _ = try parse(text, variables)
            return []
        } catch let error as ConfigurationError {
            return error.lines.map { $0.replacing("slipway.yml:", with: "") }
        } catch {
            return ["\(error)"]
        }
    }
}

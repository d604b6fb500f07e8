import ArgumentParser
import SlipwayCore

/// `--config`, and what happens when the file is wrong.
struct ConfigurationOption: ParsableArguments {
    @Option(name: .customLong("config"), help: "The configuration file.")
    var path = "slipway.yml"

    /// - Throws: `ExitStatus.usage`, after every mistake was printed with its line.
    func read(weakSecrets: WeakSecrets = .refused) throws -> Configuration {
        do throws(ConfigurationError) {
            return try ConfigurationFile.read(at: path, weakSecrets: weakSecrets)
        } catch {
            for line in error.lines { Terminal.printError(line) }
            throw ExitStatus.usage
        }
    }
}

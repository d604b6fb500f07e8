import ArgumentParser
import Foundation
import SlipwayNet

/// `slipway sign`: what GitHub would put into `X-Hub-Signature-256`.
struct SignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Print the X-Hub-Signature-256 of a file, for trying a hook by curl.",
        discussion: "Without --secret-file the secret is the variable SLIPWAY_WEBHOOK_SECRET.")

    @Option(help: "A file that holds the webhook's secret; a newline at its end is not part of it.")
    var secretFile: String?

    @Argument(help: "The body that will be sent; - is the standard input.")
    var file: String

    func run() async throws {
        let secret = try readSecret()
        guard !secret.isEmpty else {
            throw ValidationError("the secret is empty; anyone could sign with it")
        }
        let body: [UInt8]
        do throws(SecretFile.Unreadable) {
            body = file == "-" ? try SecretFile.bytes(of: STDIN_FILENO) : try SecretFile.bytes(at: file)
        } catch {
            throw ValidationError("\(file) cannot be read: \(error.reason)")
        }
        try Terminal.print("sha256=" + HMACSHA256.authenticate(body, key: Array(secret.utf8)).hex)
    }

    private func readSecret() throws -> String {
        guard let secretFile else {
            guard let secret = ProcessInfo.processInfo.environment["SLIPWAY_WEBHOOK_SECRET"] else {
                throw ValidationError("name the secret by --secret-file, or set SLIPWAY_WEBHOOK_SECRET")
            }
            return secret
        }
        do {
            return try SecretFile.text(at: secretFile)
        } catch {
            throw ValidationError("the secret file \(secretFile) cannot be read: \(error.reason)")
        }
    }
}

import Foundation
import SlipwayBase

/// The registry's login in a folder that only we can read, as `docker --config` takes it.
enum DockerLogin {
    static func write(registry: String, password: Secret, folder: String) throws -> String {
        let path = folder + "/docker"
        let login = Data("_:\(password.revealed)".utf8).base64EncodedString()
        let text: JSON = ["auths": .object([registry: ["auth": .string(login)]])]
        do {
            let files = FileManager.default
            try files.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
            guard
                files.createFile(
                    atPath: path + "/config.json", contents: Data(text.bytes), attributes: [.posixPermissions: 0o600])
            else { throw SandboxError.folder("\(folder) cannot be written") }
        } catch let error as SandboxError {
            throw error
        } catch {
            throw SandboxError.folder("\(folder) cannot be made: \(error)")
        }
        return path
    }

    static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}

import Foundation
import SlipwayCore
import SlipwayDeploy

/// The data folder: whether it could be used, told from its permissions without touching it.
struct DataCheck {
    let settings: ServerSettings

    func findings() -> [Finding] {
        var findings = [folder]
        if findings[0].level == .ok { findings.append(space) }
        if let database { findings.append(database) }
        return findings
    }

    private var folder: Finding {
        var status = stat()
        guard stat(settings.data, &status) == 0 else { return missingFolder(reason: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return .error("server.data: \(settings.data) is not a folder; name another, or move what is there")
        }
        guard access(settings.data, R_OK | W_OK | X_OK) == 0 else {
            return .error("server.data: \(settings.data) cannot be written by user \(geteuid()); change its owner")
        }
        return .ok("server.data: \(settings.data) can be written")
    }

    /// `serve` makes the folder, if it may.
    private func missingFolder(reason: Int32) -> Finding {
        guard reason == ENOENT else {
            return .error("server.data: \(settings.data): \(String(cString: strerror(reason)).lowercased())")
        }
        guard access(existingParent, W_OK | X_OK) == 0 else {
            return .error(
                "server.data: \(settings.data) does not exist and user \(geteuid()) may not make it in "
                    + "\(existingParent); make it and give it to that user")
        }
        return .ok("server.data: \(settings.data) does not exist yet; serve will make it")
    }

    private var existingParent: String {
        var parent = URL(fileURLWithPath: settings.data).deletingLastPathComponent()
        while parent.path != "/", access(parent.path, F_OK) != 0 { parent.deleteLastPathComponent() }
        return parent.path
    }

    private var space: Finding {
        let folder = access(settings.data, F_OK) == 0 ? settings.data : existingParent
        guard let free = DiskSpace.free(at: folder) else {
            return .error("server.data: the free space of \(folder) is unknown: \(String(cString: strerror(errno)))")
        }
        let reserve = settings.retention.diskReserveBytes
        let text = "server.data: \(free >> 20) MiB free"
        guard free >= reserve else {
            return .error(text + ", less than the \(reserve >> 20) MiB that a build may take; make room")
        }
        return .ok(text)
    }

    private var database: Finding? {
        let path = settings.data + "/slipway.db"
        guard access(path, F_OK) == 0 else { return nil }
        guard let version = DatabaseFile(path: path).version else {
            return .error(
                "database: \(path) cannot be read, or is not a SQLite database; see who owns it, or restore a copy")
        }
        let known = DatabaseFile.knownVersion
        guard version <= known else {
            return .error(
                "database: \(path) has version \(version), this slipway knows versions up to \(known); run the newer "
                    + "slipway that wrote it, or restore a copy from before")
        }
        return .ok("database: version \(version)" + (version < known ? ", serve will migrate it to \(known)" : ""))
    }
}

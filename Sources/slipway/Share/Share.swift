import Foundation

/// The files that come with the program: `Public/` with the dashboard, `examples/` and `scripts/` for the demo.
enum Share {
    /// The first that has `Public`: `SLIPWAY_SHARE`; the working directory; the folders above the executable, where a
    /// build folder lies in its repository; `share/slipway` beside the executable's `bin`.
    static func folder(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        workingDirectory: String = FileManager.default.currentDirectoryPath,
        executable: String = Share.executable
    ) -> String? {
        var candidates: [String] = []
        if let named = environment["SLIPWAY_SHARE"] {
            candidates = [named]
        } else {
            var above = URL(fileURLWithPath: executable).deletingLastPathComponent()
            candidates = [
                workingDirectory, above.deletingLastPathComponent().appendingPathComponent("share/slipway").path,
            ]
            for _ in 0..<5 {
                candidates.append(above.path)
                above.deleteLastPathComponent()
            }
        }
        return candidates.first { candidate in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: candidate + "/Public", isDirectory: &isFolder)
                && isFolder.boolValue
        }
    }

    /// Where this program is, links resolved.
    static var executable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}

#if DEBUG
    import Foundation
    import Synchronization
#endif

/// Where the crash test kills the server: before and after each write of the journal. Debug builds only.
///
/// `SLIPWAY_KILL_AT` names one point, as `SLIPWAY_POINTS` lists them: a file to which each is added that is passed.
enum KillPoint {
    #if DEBUG
        private static let wanted = ProcessInfo.processInfo.environment["SLIPWAY_KILL_AT"]
        private static let list = ProcessInfo.processInfo.environment["SLIPWAY_POINTS"].map {
            open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        }
        private static let counts = Mutex<[String: Int]>([:])

        static func pass(_ name: @autoclosure () -> String) {
            guard wanted != nil || list != nil else { return }
            let name = name()
            let count = counts.withLock { counts in
                counts[name, default: 0] += 1
                return counts[name] ?? 0
            }
            let point = count == 1 ? name : "\(name), \(count)"
            if let list { _ = write(list, point + "\n", point.utf8.count + 1) }
            if point == wanted { kill(getpid(), SIGKILL) }
        }
    #else
        static func pass(_ name: @autoclosure () -> String) {}
    #endif
}

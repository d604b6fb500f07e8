#if DEBUG
    import Foundation
    import Synchronization
#endif

/// Where the crash test kills the server: before and after each write of the journal. Debug builds only.
///
/// `SLIPWAY_KILL_AT` names one point as `SLIPWAY_POINTS` lists them, a file to which each is added that is passed; or it
/// says how many are passed before: 3 is the third of this run, whatever its name.
enum KillPoint {
    #if DEBUG
        private static let wanted = ProcessInfo.processInfo.environment["SLIPWAY_KILL_AT"]
        private static let list = ProcessInfo.processInfo.environment["SLIPWAY_POINTS"].map {
            open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        }
        /// By their names, and of all.
        private static let counts = Mutex<(named: [String: Int], all: Int)>(([:], 0))

        static func pass(_ name: @autoclosure () -> String) {
            guard wanted != nil || list != nil else { return }
            let name = name()
            // One at a time: what is passed after the wanted one is passed by nobody.
            counts.withLock { counts in
                counts.all += 1
                counts.named[name, default: 0] += 1
                let count = counts.named[name] ?? 0
                let point = count == 1 ? name : "\(name), \(count)"
                if let list { _ = write(list, point + "\n", point.utf8.count + 1) }
                if point == wanted || String(counts.all) == wanted { kill(getpid(), SIGKILL) }
            }
        }
    #else
        static func pass(_ name: @autoclosure () -> String) {}
    #endif
}

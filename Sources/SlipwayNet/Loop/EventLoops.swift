import Glibc
import Synchronization

/// The process's event loops, one per core.
package final class EventLoops: Sendable {
    private let loops: [EventLoop]
    private let turns = Atomic<Int>(0)

    private init(count: Int) throws(SystemError) {
        // A peer that is gone is an error of the write, not the end of the process; SSL_write knows no MSG_NOSIGNAL.
        signal(SIGPIPE, SIG_IGN)
        var loops: [EventLoop] = []
        for index in 0..<count { loops.append(try EventLoop(label: "slipway.loop.\(index)")) }
        self.loops = loops
    }

    private static let shared = Result { () throws(SystemError) in
        try EventLoops(count: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    static func all() throws(SystemError) -> [EventLoop] { try shared.get().loops }

    /// The loop of the next connection, in turn.
    package static func next() throws(SystemError) -> EventLoop {
        let all = try shared.get()
        let turn = all.turns.wrappingAdd(1, ordering: .relaxed).newValue
        return all.loops[turn & Int.max % all.loops.count]
    }
}

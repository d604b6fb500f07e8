import CLinux
import Dispatch
import Foundation

/// The signals that a person or a service manager sends, as a sequence.
final class Signals: Sendable {
    enum Kind: Sendable {
        case terminate, interrupt, hangUp
    }

    let received: AsyncStream<Kind>
    // A dispatch source lives as long as somebody holds it.
    private let sources: [DispatchSource]

    /// From here on these signals no longer end the process by themselves.
    /// - Parameter stopWithInput: the end of the standard input counts as a SIGTERM.
    init(_ kinds: [Kind], stopWithInput: Bool = false) {
        let (stream, continuation) = AsyncStream.makeStream(of: Kind.self)
        received = stream
        let queue = DispatchQueue(label: "slipway.signals")
        let signals: [DispatchSource] = kinds.compactMap { kind in
            let number = kind.number
            // The source sees a signal that is ignored; children are started with the default action again.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { @Sendable in continuation.yield(kind) }
            source.activate()
            return source as? DispatchSource
        }
        sources = signals + (stopWithInput ? [Self.inputEnd(queue, continuation)].compactMap { $0 } : [])
    }

    /// Nothing is ever written to that input: it becomes readable when whoever holds its other end is gone.
    private static func inputEnd(_ queue: DispatchQueue, _ continuation: AsyncStream<Kind>.Continuation)
        -> DispatchSource?
    {
        let input = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        guard let source = input as? DispatchSource else { return nil }
        source.setEventHandler { @Sendable in
            source.cancel()
            continuation.yield(.terminate)
        }
        source.activate()
        return source
    }
}

extension Signals.Kind {
    var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangUp: SIGHUP
        }
    }
}

/// What the process asks of the kernel before it serves.
enum ProcessSettings {
    /// A write to a client that is gone is an error of that write, not the end of the process.
    static func ignoreBrokenPipes() {
        _ = hearOfBrokenPipes
        signal(SIGPIPE, SIG_IGN)
    }

    /// Whether whoever started this program wanted broken pipes to be errors: so programs are started that ignore SIGPIPE.
    static let hearOfBrokenPipes: Bool = {
        var action = sigaction()
        sigaction(SIGPIPE, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }()

    /// Lets the memory of one request be the next one's.
    static func keepFreedMemory() {
        clinux_keep_freed_memory(512 << 10)
    }

    /// Raises the number of open files to what the hard limit allows; shells start with 1,024, which is few for
    /// thousands of connections.
    /// - Returns: the limit now in force.
    @discardableResult
    static func raiseFileLimit() -> UInt64 {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        // More would only make libraries that walk all possible descriptors slow.
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return UInt64(limit.rlim_cur)
    }
}

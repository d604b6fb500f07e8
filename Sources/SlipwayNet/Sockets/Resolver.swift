// In a release build `SOCK_STREAM` is seen through the header of CLinux, which includes the socket headers too.
import CLinux
import Dispatch
import Glibc
import Synchronization

/// Addresses of host names by `getaddrinfo`, which blocks: each lookup on a queue of its own, so that it holds up no loop
/// and no other lookup.
enum Resolver {
    /// For deadlines: a queue that never blocks.
    private static let clock = DispatchQueue(label: "slipway.resolver.clock")

    /// - Returns: at least one address, in the order to try them.
    static func resolve(_ host: String, port: Int, until deadline: Deadline) async throws(ConnectError)
        -> [SocketAddress]
    {
        // An address needs no lookup, and so no queue.
        if case .success(let found) = lookUp(host, port, flags: AI_NUMERICHOST) { return found }
        let answer = Answer()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answer.wait(continuation)
                // Serial, so that it gets a thread even when all of the global queues' are taken; a concurrent queue
                // would share those, and wait behind whatever blocks them.
                DispatchQueue(label: "slipway.resolver").async { @Sendable in
                    answer.give(lookUp(host, port, flags: AI_ADDRCONFIG))
                }
                if deadline != .never {
                    let time = DispatchTime(uptimeNanoseconds: deadline.nanoseconds)
                    clock.asyncAfter(deadline: time) { @Sendable in
                        answer.give(.failure(.timedOut(host: host, port: port)))
                    }
                }
            }
        } onCancel: {
            answer.give(.failure(.cancelled))
        }
        return try result.get()
    }

    private typealias Lookup = Result<[SocketAddress], ConnectError>

    private static func lookUp(_ host: String, _ port: Int, flags: Int32) -> Lookup {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            return .failure(.cannotResolve(host: host, reason: String(cString: gai_strerror(code))))
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr { addresses.append(SocketAddress(address, length: entry.ai_addrlen)) }
            next = entry.ai_next
        }
        guard !addresses.isEmpty else { return .failure(.cannotResolve(host: host, reason: "it has no address")) }
        return .success(addresses)
    }

    /// The first of result, deadline and cancellation counts; a lookup cannot be interrupted, only left behind.
    private final class Answer: Sendable {
        private enum State {
            case nobodyWaits
            case waiting(CheckedContinuation<Lookup, Never>)
            case given(Lookup)
        }

        private let state = Mutex(State.nobodyWaits)

        func wait(_ continuation: CheckedContinuation<Lookup, Never>) {
            let early: Lookup? = state.withLock { state in
                if case .given(let result) = state { return result }
                state = .waiting(continuation)
                return nil
            }
            if let early { continuation.resume(returning: early) }
        }

        func give(_ result: Lookup) {
            let continuation: CheckedContinuation<Lookup, Never>? = state.withLock { state in
                switch state {
                case .given: return nil
                case .nobodyWaits:
                    state = .given(result)
                    return nil
                case .waiting(let continuation):
                    state = .given(result)
                    return continuation
                }
            }
            continuation?.resume(returning: result)
        }
    }
}

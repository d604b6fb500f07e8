import CLinux
import Glibc

/// An IPv4 or IPv6 address with its port, as the kernel takes it.
struct SocketAddress: Sendable {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    init() {}

    init(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        self.length = min(length, socklen_t(MemoryLayout<sockaddr_storage>.size))
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(self.length)))
        }
    }

    var family: Int32 { Int32(storage.ss_family) }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// For calls that fill it in.
    mutating func fill<Result>(
        _ body: (UnsafeMutablePointer<sockaddr_storage>, UnsafeMutablePointer<socklen_t>) -> Result
    )
        -> Result
    {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return body(&storage, &length)
    }

    /// The address without its port: `192.0.2.7`, `2001:db8::1`; an IPv4 address that came in by IPv6 as IPv4.
    var host: String {
        // Where the address stands: sin_addr after family and port, sin6_addr after the flow label too.
        let start = family == AF_INET ? 4 : 8
        let text = withUnsafeBytes(of: storage) { bytes in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
                inet_ntop(family, bytes.baseAddress?.advanced(by: start), buffer.baseAddress, socklen_t(buffer.count))
                    .map { String(cString: $0) } ?? ""
            }
        }
        return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
    }

    var port: Int {
        withUnsafeBytes(of: storage) { bytes in
            // sin_port and sin6_port stand at the same place, in network order.
            Int(bytes[2]) << 8 | Int(bytes[3])
        }
    }
}

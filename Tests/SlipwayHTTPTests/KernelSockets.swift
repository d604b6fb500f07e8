import Glibc
import TestSupport

/// What the kernel says of TCP on this machine: `/proc/self/net/tcp`, a line each.
enum KernelSockets {
    struct Entry {
        var localPort: Int
        var remotePort: Int
        /// Bytes that the other side has not taken.
        var unsent: Int
        var inode: Substring
    }

    static func all() throws -> [Entry] {
        try text().split(separator: "\n").dropFirst().compactMap { line in
            // sl local_address rem_address st tx_queue:rx_queue … inode
            let columns = line.split(separator: " ")
            let ports = columns.dropFirst().prefix(2).compactMap { Int($0.suffix(4), radix: 16) }
            guard columns.count > 9, ports.count == 2, let unsent = Int(columns[4].prefix(8), radix: 16) else {
                return nil
            }
            return Entry(localPort: ports[0], remotePort: ports[1], unsent: unsent, inode: columns[9])
        }
    }

    struct Unreadable: Error { var code = errno }

    /// Piece by piece until the end: Foundation reads only the beginning of a long file whose size is said to be 0.
    private static func text() throws -> String {
        let descriptor = open("/proc/self/net/tcp", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unreadable() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count >= 0 else { throw Unreadable() }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece[..<count]
        }
    }

    /// Until a server has more to send than its clients take.
    static func waitUntilFull(at port: Int) async throws {
        try await waitUntil("a full socket") { try all().contains { $0.localPort == port && $0.unsent > 0 } }
    }
}

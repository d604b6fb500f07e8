import Glibc
package import SlipwayBase
import SlipwayNet

/// The random half of the key that signs sessions, in a file of the data folder that only its owner can read. Without it
/// whoever has a cookie of theirs could try tokens on its signature, as fast as a machine computes.
package enum SessionSalt {
    /// Bytes; the file has twice as many hexadecimal digits.
    private static let size = 32

    /// Reads it, or makes one. What the file holds else, as after a loss of power, is replaced, and all sessions end.
    /// - Throws: `SessionSaltError`.
    package static func load(from data: String) throws(SessionSaltError) -> Secret {
        let path = data + "/session-salt"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        // A folder that cannot be written may still hold one.
        let descriptor = file >= 0 ? file : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw SessionSaltError(path: path, code: errno) }
        defer { close(descriptor) }
        var digits = [UInt8](repeating: 0, count: 2 * size)
        if pread(descriptor, &digits, digits.count, 0) == digits.count {
            let text = String(decoding: digits, as: UTF8.self)
            if [UInt8](hex: text) != nil { return Secret(text) }
        }
        let fresh = SecureRandom.bytes(size).hex
        let line = Array((fresh + "\n").utf8)
        guard fchmod(descriptor, 0o600) == 0, pwrite(descriptor, line, line.count, 0) == line.count,
            ftruncate(descriptor, off_t(line.count)) == 0, fsync(descriptor) == 0
        else { throw SessionSaltError(path: path, code: errno) }
        let folder = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(folder) }
        guard folder >= 0, fsync(folder) == 0 else { throw SessionSaltError(path: data, code: errno) }
        return Secret(fresh)
    }
}

package struct SessionSaltError: Error, CustomStringConvertible {
    let path: String
    let code: Int32

    package var description: String {
        "\(path) cannot be read and written: \(String(cString: strerror(code)).lowercased()); it holds what the sessions "
            + "of browsers are signed with: give it to the user that slipway runs as, or remove it"
    }
}

import Foundation

/// What stands in a commit for a file whose content is in Git LFS: a few lines of text.
enum LFSPointer {
    /// A pointer is shorter than 1024 bytes (the LFS specification, v1), and its three lines need this much.
    static let sizes: Range<Int64> = 90..<1024

    /// Whether a text is one: its first line names the version, and others the content's hash and size.
    static func isOne(_ text: [UInt8]) -> Bool {
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        guard let first = lines.first, versions.contains(String(first)) else { return false }
        return lines.contains { $0.wholeMatch(of: /oid sha256:[0-9a-f]{64}/) != nil }
            && lines.contains { $0.wholeMatch(of: /size [0-9]+/) != nil }
    }

    /// Whether a file is one. A link is not followed.
    static func isOne(at path: [UInt8]) -> Bool {
        let file = (path + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { open($0.baseAddress!, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) }
        }
        guard file >= 0 else { return false }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: Int(sizes.upperBound))
        let count = text.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        return count > 0 && isOne(Array(text.prefix(count)))
    }

    private static let versions: Set = [
        "version https://git-lfs.github.com/spec/v1", "version https://hawser.github.com/spec/v1",
        "version http://git-media.io/v/2",
    ]
}

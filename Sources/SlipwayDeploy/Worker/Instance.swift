import Foundation
import SlipwayNet

/// The id of this data folder: what it leaves on an engine that others use too is told apart by it.
package enum Instance {
    /// Reads it from the data folder, or makes one.
    /// - Returns: 32 hexadecimal digits.
    package static func id(in data: String) throws -> String {
        let file = data + "/instance"
        if let text = try? String(contentsOfFile: file, encoding: .utf8) {
            let id = text.prefix { !$0.isNewline }
            if id.utf8.count == 32, [UInt8](hex: String(id)) != nil { return String(id) }
        }
        let id = SecureRandom.bytes(16).hex
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try (id + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        return id
    }
}

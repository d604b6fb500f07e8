import Foundation

/// Values as JSON texts; a value has one text, whatever order its fields were written in, so that texts can be compared.
package enum JSONText {
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}

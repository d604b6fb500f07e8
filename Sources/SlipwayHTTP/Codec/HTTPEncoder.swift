/// Writes the heads of messages, and chunks.
enum HTTPEncoder {
    static func statusLine(_ status: HTTPStatus) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes += "HTTP/1.1 ".utf8
        bytes += String(status.code).utf8
        bytes.append(0x20)
        bytes += status.reason.utf8
        bytes += lineEnd
        return bytes
    }

    static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes += name.utf8
        bytes += separator
        bytes += value.utf8
        bytes += lineEnd
    }

    /// Fields whose names are no tokens are left out: they could only break the message.
    static func append(_ headers: HTTPHeaders, to bytes: inout [UInt8]) {
        for entry in headers.entries {
            let name = headers.bytes[Int(entry.name.lowerBound)..<Int(entry.name.upperBound)]
            guard !name.isEmpty, name.allSatisfy(\.isTokenCharacter) else { continue }
            bytes += name
            bytes += separator
            bytes += headers.bytes[Int(entry.value.lowerBound)..<Int(entry.value.upperBound)]
            bytes += lineEnd
        }
    }

    /// - Parameter data: not empty: an empty chunk would end the body.
    static func chunk(_ data: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 20)
        bytes += String(data.count, radix: 16).utf8
        bytes += lineEnd
        bytes += data
        bytes += lineEnd
        return bytes
    }

    static let lastChunk = Array("0\r\n\r\n".utf8)
    static let continueResponse = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    static let lineEnd: [UInt8] = [0x0D, 0x0A]
    private static let separator: [UInt8] = [0x3A, 0x20]
}

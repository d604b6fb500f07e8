/// Writes the heads of messages, and chunks.
enum HTTPEncoder {
    static func append(_ status: HTTPStatus, to bytes: inout [UInt8]) {
        let known = statusLines.indices.contains(status.code) ? statusLines[status.code] : []
        bytes += known.isEmpty ? statusLine(status) : known
    }

    static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes += name.utf8
        bytes += separator
        bytes += value.utf8
        bytes += lineEnd
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

    /// By code; made once, for every response begins with one.
    private static let statusLines: [[UInt8]] = (0...511).map { code in
        let status = HTTPStatus(code)
        return status.isKnown ? statusLine(status) : []
    }

    private static func statusLine(_ status: HTTPStatus) -> [UInt8] {
        Array("HTTP/1.1 \(status.code) \(status.reason)\r\n".utf8)
    }
}

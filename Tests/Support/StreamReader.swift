import Foundation
package import SlipwayHTTP

/// A client that reads a stream.
package actor StreamReader {
    package private(set) var bytes: [UInt8] = []

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    package init() {}

    package func add(_ piece: [UInt8]) {
        bytes += piece
    }

    package func wait(for part: String) async throws {
        try await waitUntil("“\(part)”") { text.contains(part) }
    }
}

extension HTTPResponse {
    /// Everything a client would read.
    package var collected: [UInt8] {
        get async throws {
            switch body {
            case .empty: return []
            case .bytes(let bytes): return bytes
            case .file(let file, let part): return file.read(part)
            case .stream(let write):
                let reader = StreamReader()
                try await write(HTTPBodyWriter { await reader.add($0) })
                return await reader.bytes
            }
        }
    }

    package var text: String {
        get async throws { String(decoding: try await collected, as: UTF8.self) }
    }

    /// The body as a JSON object.
    package var object: [String: Any] {
        get async throws {
            let value = try JSONSerialization.jsonObject(with: Data(try await collected))
            guard let object = value as? [String: Any] else { throw NoObject() }
            return object
        }
    }

    private struct NoObject: Error {}
}

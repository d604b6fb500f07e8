import SlipwayBase
import SlipwayHTTP

extension HTTPHeaders {
    /// The fields of these names, each on one line and of bounded length: all of a header that is ever stored.
    func kept(_ names: [String]) -> [(name: String, value: String)] {
        names.compactMap { name in self[name].map { (name, $0.singleLine(limit: 200)) } }
    }
}

extension HTTPRequestBody {
    /// Reads to the end and keeps nothing.
    /// - Throws: `HTTPError.contentTooLarge` as `collect` does.
    func discard(upTo limit: Int) async throws {
        if let length {
            guard length <= limit else { throw HTTPError.contentTooLarge(limit: limit) }
            return
        }
        var count = 0
        while let piece = try await read() {
            count += piece.count
            guard count <= limit else { throw HTTPError.contentTooLarge(limit: limit) }
        }
    }
}

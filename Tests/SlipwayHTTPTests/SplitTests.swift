import Testing

@testable import SlipwayHTTP

/// Whole conversations as bytes, each read once as it is, once byte by byte, and cut in two at every place: the outcome
/// must be the one that the table names, always. The table is in `SplitTable.swift`.
@Suite struct SplitTests {
    @Test(arguments: SplitTable.taken) func `takes`(_ conversation: Conversation) {
        check(conversation)
    }

    @Test(arguments: SplitTable.refused) func `refuses`(_ conversation: Conversation) {
        check(conversation)
    }

    private func check(_ conversation: Conversation) {
        let bytes = conversation.bytes
        #expect(read([bytes[...]]) == conversation.outcome, "as a whole")
        #expect(read(bytes.indices.map { bytes[$0...$0] }) == conversation.outcome, "byte by byte")
        for cut in bytes.indices.dropFirst() {
            let outcome = read([bytes[..<cut], bytes[cut...]])
            // Not every cut is an expectation of its own: there are a hundred thousand.
            if outcome != conversation.outcome { #expect(outcome == conversation.outcome, "cut at \(cut)") }
        }
    }

    private static let limits = HTTPHeadParser.Limits(startLineBytes: 200, headerBytes: 400, headerFields: 10)
    private static let bodyLimits = HTTPBodyDecoder.Limits(chunkLineBytes: 40, trailerBytes: 80, trailerFields: 3)

    /// As `HTTPConnection` reads: head, body, head, body, until an error, a request that is the last, or the end.
    private func read(_ pieces: [ArraySlice<UInt8>]) -> [String] {
        var outcome: [String] = []
        var buffer = ReadBuffer()
        var parser = HTTPHeadParser(.request, limits: Self.limits)
        var current: (head: HTTPRequestHead, decoder: HTTPBodyDecoder)?
        var body: [UInt8] = []

        /// - Returns: whether to go on.
        func next() throws(HTTPParseError) -> Bool {
            if current == nil {
                guard let parsed = try parser.parse(&buffer) else { return false }
                let head = try HTTPRequestHead(parsed)
                current = (head, HTTPBodyDecoder(head.framing, limits: Self.bodyLimits))
            }
            var piece: [UInt8] = []
            guard let head = current?.head, let progress = try current?.decoder.decode(&buffer, into: &piece) else {
                return false
            }
            body += piece
            guard progress == .complete else { return false }
            outcome.append(Self.describe(head, body))
            current = nil
            body = []
            return head.keepsAlive
        }

        do throws(HTTPParseError) {
            for piece in pieces {
                buffer.append(Array(piece))
                while try next() {}
                if outcome.last?.hasSuffix(" close") == true { return outcome }
            }
        } catch {
            return outcome + [error.refusal.status.description]
        }
        // The client ends here.
        if current != nil || parser.hasBegun || !buffer.isEmpty { outcome.append("…") }
        return outcome
    }

    /// Method, decoded path, version if it is not 1.1, host, body, and what the connection will do.
    private static func describe(_ head: HTTPRequestHead, _ body: [UInt8]) -> String {
        var words = [head.method.description, head.isAboutServer ? "*" : head.target.path]
        for item in head.target.query { words.append("\(item.name)=\(item.value)") }
        if head.version == .http10 { words.append("1.0") }
        if let host = head.headers["Host"], host != "a" { words.append("host:\(host)") }
        if let value = head.headers["X"] { words.append("x:\(value)") }
        if !body.isEmpty { words.append("\"\(String(decoding: body, as: UTF8.self))\"") }
        if head.expectsContinue { words.append("continue") }
        if !head.keepsAlive { words.append("close") }
        return words.joined(separator: " ")
    }
}

struct Conversation: Sendable, CustomTestStringConvertible {
    /// Latin-1: a character is a byte.
    var text: String
    var outcome: [String]

    init(_ text: String, _ outcome: [String]) {
        self.text = text
        self.outcome = outcome
    }

    var bytes: [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }
    var testDescription: String { text.debugDescription }
}

@testable import SlipwayHTTP

/// How the bytes of a connection arrive.
enum Cut {
    case whole
    case single
    /// In pieces whose sizes follow from a number, so that the fuzzer can choose them.
    case pieces(UInt8)

    /// Gives the bytes piece by piece to `take` until it returns false.
    func feed(_ bytes: [UInt8], to take: ([UInt8]) -> Bool) {
        var start = 0
        var state: UInt32 = 0
        if case .pieces(let seed) = self { state = UInt32(seed) }
        while start < bytes.count {
            let size: Int
            switch self {
            case .whole: size = bytes.count
            case .single: size = 1
            case .pieces:
                state = state &* 1_664_525 &+ 1_013_904_223
                // Mostly short ones: the interesting cuts are those within a line's end.
                size = 1 + Int(state >> 24) % (state >> 16 & 1 == 0 ? 4 : 40)
            }
            let end = min(start + size, bytes.count)
            guard take(Array(bytes[start..<end])) else { return }
            start = end
        }
    }

    /// Checks that the outcome is the same however the bytes arrive.
    static func compare<Outcome: Equatable>(
        _ bytes: [UInt8], _ seed: UInt8, _ read: ([UInt8], Cut) -> Outcome
    ) -> Outcome {
        let whole = read(bytes, .whole)
        for cut in [Cut.single, .pieces(seed)] {
            let other = read(bytes, cut)
            require(other == whole, "the same whole and cut as \(cut):\n\(whole)\n\(other)")
        }
        return whole
    }
}

/// What a reader made of the bytes of a connection.
struct Outcome<Message: Equatable>: Equatable {
    var messages: [Message] = []
    /// Of the message that is not complete.
    var body: [UInt8] = []
    var error: HTTPParseError?
    /// What came after the bytes that were used up, arrived yet or not.
    var left = 0
}

/// A header section as bytes: `String`'s own equality takes different ones for the same.
struct Fields: Equatable {
    var lines: [[UInt8]]

    init(_ headers: HTTPHeaders) {
        lines = headers.entries.map { entry in
            headers.bytes[Int(entry.name.lowerBound)..<Int(entry.name.upperBound)] + [0x3A]
                + headers.bytes[Int(entry.value.lowerBound)..<Int(entry.value.upperBound)]
        }
    }
}

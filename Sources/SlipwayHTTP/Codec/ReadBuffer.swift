/// Bytes that were received and are not yet used up.
struct ReadBuffer {
    private var storage: [UInt8] = []
    private var start = 0

    var count: Int { storage.count - start }
    var isEmpty: Bool { start == storage.count }

    mutating func append(_ bytes: [UInt8]) {
        if isEmpty {
            // The usual case costs no copy: everything before was used up.
            storage = bytes
            start = 0
        } else {
            if start > 0 {
                storage.removeFirst(start)
                start = 0
            }
            storage += bytes
        }
    }

    mutating func consume(_ count: Int) {
        start += count
        if isEmpty {
            storage = []
            start = 0
        }
    }

    /// Moves up to `limit` bytes to the end of another array.
    mutating func move(upTo limit: Int, to target: inout [UInt8]) -> Int {
        let count = min(limit, self.count)
        if target.isEmpty, start == 0, count == storage.count {
            target = storage
        } else {
            target += storage[start..<start + count]
        }
        consume(count)
        return count
    }

    mutating func removeAll() {
        storage = []
        start = 0
    }

    func withBytes<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try storage.withUnsafeBufferPointer { all throws(Failure) in
            try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[start...])))
        }
    }
}

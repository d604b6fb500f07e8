import SlipwayBase
import SlipwayCore
import Testing

struct EndedSessionChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("an ended session is remembered until it expires, also after a restart", restarts: true) {
            try await Self(bench: $0).`an ended session is remembered until it expires, also after a restart`()
        }
    }

    func `an ended session is remembered until it expires, also after a restart`() async throws {
        let store = try await bench.open()
        func moment(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_795_000_000_000 + seconds * 1000) }
        try await store.end("a", until: moment(10), at: moment(0))
        try await store.end("b", until: moment(20), at: moment(0))
        // By two windows of one browser.
        try await store.end("b", until: moment(20), at: moment(0))
        #expect(try await store.endedSessions(at: moment(9)) == ["a": moment(10), "b": moment(20)])
        #expect(try await store.endedSessions(at: moment(10)) == ["b": moment(20)])
        try await store.close()

        let again = try await bench.open()
        #expect(try await again.endedSessions(at: moment(0)).keys.sorted() == ["a", "b"])
        // What has expired goes with the next that is ended.
        try await again.end("c", until: moment(30), at: moment(10))
        #expect(try await again.endedSessions(at: moment(0)).keys.sorted() == ["b", "c"])
    }
}

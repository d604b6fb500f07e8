import SlipwayNet
import Testing

@testable import SlipwayHTTP

/// Which connection gives way. Holders are numbers: below a thousand they wait, a lower one for longer; above it they are
/// busy.
@Suite struct PlacesTests {
    private static func standing(_ holder: Int) -> Places<Int>.Standing {
        holder < 1000 ? .waiting(since: UInt64(holder)) : .busy(since: UInt64(holder))
    }

    private final class Hall {
        var places: Places<Int>

        init(limit: Int, perClient: Int) { places = Places(limit: limit, limitPerClient: perClient) }

        func leave(_ holder: Int) -> Bool { places.leave(holder) }

        func take(_ holder: Int, _ client: String, isBounded: Bool = true) -> Places<Int>.Answer {
            places.take(for: ClientNetwork(client), isBounded: isBounded, holder, PlacesTests.standing)
        }

        func move(_ holder: Int, _ client: String, isBounded: Bool = true) -> Places<Int>.Answer {
            places.move(holder, to: ClientNetwork(client), isBounded: isBounded, PlacesTests.standing)
        }
    }

    @Test func `four clients that take all places keep nobody out`() {
        let hall = Hall(limit: 64, perClient: 16)
        for number in 0..<64 { #expect(hall.take(number, "127.0.1.\(number / 16)") == .taken) }
        #expect(hall.take(100, "127.0.0.200") == .takenFrom(0))
        #expect(hall.take(101, "127.0.0.201") == .takenFrom(16))
        #expect(hall.places.holders.count == 64)
    }

    @Test func `so do those whose requests are being answered, when nobody of theirs waits`() {
        let hall = Hall(limit: 4, perClient: 4)
        for number in 1001...1004 { #expect(hall.take(number, "192.0.2.1") == .taken) }
        #expect(hall.take(1, "192.0.2.2") == .takenFrom(1001))
        #expect(hall.take(2, "192.0.2.3") == .takenFrom(1002))
        #expect(hall.take(3, "192.0.2.4") == .takenFrom(1003))
        // Each has one now: a busy one does not go for another's first, one that waits does.
        #expect(hall.take(4, "192.0.2.5") == .takenFrom(1))
    }

    @Test func `at its own bound a client takes the place of its own that has waited longest, or is refused`() {
        let hall = Hall(limit: 100, perClient: 2)
        #expect(hall.take(7, "192.0.2.1") == .taken)
        #expect(hall.take(5, "192.0.2.1") == .taken)
        #expect(hall.take(9, "192.0.2.1") == .takenFrom(5))
        #expect(hall.take(1001, "192.0.2.1") == .takenFrom(7))
        #expect(hall.take(1002, "192.0.2.1") == .takenFrom(9))
        #expect(hall.take(1003, "192.0.2.1") == .refused)
        #expect(hall.take(1, "192.0.2.2") == .taken)
    }

    @Test func `the addresses of one IPv6 network have one part together`() {
        let hall = Hall(limit: 100, perClient: 2)
        #expect(hall.take(1001, "2001:db8::1") == .taken)
        #expect(hall.take(1002, "2001:db8::2") == .taken)
        #expect(hall.take(1003, "2001:db8::3") == .refused)
        #expect(hall.take(1003, "2001:db8:0:1::3") == .taken)
    }

    @Test func `who left has no place, and its place is free`() {
        let hall = Hall(limit: 1, perClient: 1)
        #expect(hall.take(1001, "192.0.2.1") == .taken)
        #expect(hall.take(1, "192.0.2.1") == .refused)
        #expect(hall.leave(1001))
        #expect(!hall.leave(1001))
        #expect(hall.places.isEmpty)
        #expect(hall.take(1, "192.0.2.1") == .taken)
    }

    @Test func `a proxy has no bound of its own, and each request over it counts for its client`() {
        let hall = Hall(limit: 100, perClient: 2)
        for number in 1001...1005 { #expect(hall.take(number, "10.0.0.1", isBounded: false) == .taken) }
        #expect(hall.move(1001, "192.0.2.1") == .taken)
        #expect(hall.move(1002, "192.0.2.1") == .taken)
        #expect(hall.move(1003, "192.0.2.1") == .refused)
        #expect(hall.move(1003, "192.0.2.2") == .taken)
        #expect(hall.move(1001, "10.0.0.1", isBounded: false) == .taken)
        #expect(hall.move(1004, "192.0.2.1") == .taken)
    }
}

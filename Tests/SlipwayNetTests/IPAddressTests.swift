import SlipwayNet
import Testing

struct IPAddressTests {
    @Test(arguments: [
        "127.0.0.1", "127.1.2.3:5000", "localhost", "LocalHost:8080", "[::1]", "[::1]:5000",
    ])
    func `knows what stays on this machine`(authority: String) {
        #expect(Loopback.holds(authority: authority))
    }

    @Test(arguments: [
        "", "registry.heroku.com", "10.0.0.1:5000", "127.0.0.1.example.com", "127.evil.example.com", "127.1",
        "localhost.example.com:5000", "[::2]:5000", "[::ffff:127.0.0.1]",
    ])
    func `and what may leave it`(authority: String) {
        #expect(!Loopback.holds(authority: authority))
    }

    @Test func `takes an IPv6 host without brackets`() {
        #expect(Loopback.holds(host: "::1"))
        #expect(!Loopback.holds(host: "::2"))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.0/23", "10.1.3.9", true),
        ("10.1.2.0/23", "10.1.4.0", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("fd00::/8", "fdab::1", true),
        ("fd00::/8", "fe80::1", false), ("10.0.0.0/8", "::ffff:10.2.3.4", true),
    ])
    func `finds an address in a range`(range: String, address: String, isIn: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(IPAddress(address))) == isIn)
    }

    @Test(arguments: ["", "10.0.0.0/33", "::/129", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/", "10.0.0", "example.com"])
    func `refuses what is not a range`(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("::1", true), ("10.1.2.3", true), ("172.31.0.1", true), ("172.32.0.1", false),
        ("192.168.0.1", true), ("100.64.0.1", true), ("169.254.1.1", true), ("fe80::1", true), ("fd12::1", true),
        ("::ffff:10.0.0.1", true), ("203.0.113.9", false), ("2001:db8::1", false), ("::", false),
    ])
    func `knows the networks that the Internet does not reach`(text: String, isPrivate: Bool) throws {
        #expect(try #require(IPAddress(text)).isPrivate == isPrivate)
    }

    @Test(arguments: [("2001:DB8:0:0::0001", "2001:db8::1"), ("::ffff:1.2.3.4", "1.2.3.4"), ("10.0.0.1", "10.0.0.1")])
    func `writes an address in one way`(text: String, written: String) throws {
        #expect(try #require(IPAddress(text)).description == written)
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("::ffff:192.0.2.1", "192.0.2.1", true),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ("::1", "0.0.0.0", false), ("::192.0.2.1", "192.0.2.1", false), ("unknown", "_hidden", true),
        ("unknown", "0.0.0.0", false),
    ])
    func `counts an IPv4 address and an IPv6 network of 64 bits as one client`(one: String, other: String, same: Bool) {
        #expect((ClientNetwork(one) == ClientNetwork(other)) == same)
    }
}

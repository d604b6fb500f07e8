import SlipwayHTTP
import Testing

struct ClientAddressTests {
    @Test(arguments: [
        // Who is not a proxy of ours claims nothing.
        ("192.0.2.9", "", "192.0.2.9"), ("192.0.2.9", "1.2.3.4", "192.0.2.9"),
        // The last that is not ours, of one hop and of several.
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"), ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6,1.2.3.4:1111,10.9.9.9:2222,[::1]:80", "1.2.3.4"),
        ("::1", "2001:db8::7", "2001:db8::7"), ("::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4"),
        // As proxies write it: with a port, in brackets, in quotes, with an interface, with an empty element.
        ("10.0.0.1", "1.2.3.4:5678", "1.2.3.4"), ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "[2001:db8::1]", "2001:db8::1"), ("10.0.0.1", "\"[2001:db8::1]:443\"", "2001:db8::1"),
        ("10.0.0.1", "\"1.2.3.4\"", "1.2.3.4"), ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("10.0.0.1", "1.2.3.4, ", "1.2.3.4"), ("10.0.0.1", ", 1.2.3.4", "1.2.3.4"),
        // One address is one text.
        ("10.0.0.1", "2001:DB8:0:0::0001", "2001:db8::1"), ("10.0.0.1", "::ffff:1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "[::ffff:1.2.3.4]:9", "1.2.3.4"),
        // What is not an address ends the way back.
        ("10.0.0.1", "nonsense", "10.0.0.1"), ("10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4, _hidden, 10.0.0.2", "10.0.0.2"), ("10.0.0.1", "10.0.0.0/8", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4:", "10.0.0.1"), ("10.0.0.1", "1.2.3.4:123456", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4:x", "10.0.0.1"), ("10.0.0.1", "[2001:db8::1", "10.0.0.1"),
        ("10.0.0.1", "[2001:db8::1]443", "10.0.0.1"), ("10.0.0.1", "\"", "10.0.0.1"), ("10.0.0.1", ":", "10.0.0.1"),
    ])
    func `believes X-Forwarded-For only of trusted proxies`(peer: String, header: String, client: String) throws {
        var request = HTTPRequest(method: .get, target: try #require(HTTPTarget("/")), remoteAddress: peer)
        if !header.isEmpty { request.headers["X-Forwarded-For"] = header }
        #expect(request.clientAddress(trusting: ["10.0.0.0/8", "::1"]) == client)
    }

    @Test func `several fields are one list, and Forwarded is none`() throws {
        var request = HTTPRequest(method: .get, target: try #require(HTTPTarget("/")), remoteAddress: "10.0.0.1")
        request.headers["Forwarded"] = "for=6.6.6.6"
        #expect(request.clientAddress(trusting: ["10.0.0.0/8"]) == "10.0.0.1")
        request.headers.add("X-Forwarded-For", "6.6.6.6, 1.2.3.4")
        request.headers.add("X-Forwarded-For", "10.0.0.3")
        #expect(request.clientAddress(trusting: ["10.0.0.0/8"]) == "1.2.3.4")
    }
}

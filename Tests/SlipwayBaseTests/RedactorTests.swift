import Foundation
import SlipwayBase
import Testing

struct RedactorTests {
    let secret = "It's a Secret/to Everybody?"
    var redactor: Redactor { Redactor(secrets: [Secret(secret)]) }

    @Test func `hides a secret as it is`() {
        #expect(redactor.redact("key=\(secret);") == "key=[REDACTED];")
    }

    @Test(arguments: [
        "It%27s%20a%20Secret%2Fto%20Everybody%3F", "It%27s%20a%20Secret%2fto%20Everybody%3f",
    ])
    func `hides it percent-encoded, in either case`(spelling: String) {
        #expect(redactor.redact("GET /?key=\(spelling) HTTP/1.1") == "GET /?key=[REDACTED] HTTP/1.1")
    }

    @Test(arguments: ["", "_", "_:", "user:", "x-access-token:"], ["", ":", "==tail"])
    func `hides it in base64 wherever it stands`(before: String, after: String) {
        let encoded = Data((before + secret + after).utf8).base64EncodedString()
        let text = redactor.redact("Authorization: Basic \(encoded)")
        #expect(text.contains("[REDACTED]"))
        let longestRest = text.replacing("Authorization: Basic ", with: "").replacing("[REDACTED]", with: "").count
        #expect(longestRest <= Data((before + after).utf8).base64EncodedString().count + 4)
    }

    @Test func `hides it in URL-safe base64`() {
        let bytes = "\u{3e}\u{3f}\u{3e}\u{3f}\u{3e}\u{3f}\u{3e}\u{3f}\u{3e}"
        let encoded = Data(bytes.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        #expect(Redactor(secrets: [Secret(bytes)]).redact(encoded) == "[REDACTED]")
    }

    @Test func `hides each line of a secret of several lines`() {
        let redactor = Redactor(secrets: [Secret("-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n")])
        #expect(redactor.redact("  MIIEvQIBADANBg") == "  [REDACTED]")
    }

    @Test func `hides the longer of two secrets whole when one begins with the other`() {
        let redactor = Redactor(secrets: [Secret("12345678"), Secret("12345678-abcd")])
        #expect(redactor.redact("a 12345678-abcd b 12345678 c") == "a [REDACTED] b [REDACTED] c")
    }

    @Test func `leaves values under eight bytes alone`() {
        #expect(Redactor(secrets: [Secret("web")]).redact("web is up") == "web is up")
    }

    @Test func `learns more secrets later`() {
        var redactor = redactor
        redactor.hide(Secret("rendezvous-secret-1"))
        #expect(redactor.redact("at rendezvous-secret-1.") == "at [REDACTED].")
    }

    @Test(arguments: [
        "rendezvous://rendezvous.runtime.heroku.com:5000/abcdef", "https://release-output.heroku.com/streams/01/x?y=z",
    ])
    func `hides URLs that are keys by themselves`(url: String) {
        #expect(Redactor(secrets: []).redact("see \(url) now") == "see [REDACTED] now")
    }

    @Test func `leaves other text and bytes that are no text as they are`() {
        let bytes: [UInt8] = [0xFF, 0x00, 0x68, 0x74, 0x74, 0x70]
        #expect(redactor.redact(bytes) == bytes)
        #expect(redactor.redact("https://example.com/ rest") == "https://example.com/ rest")
    }
}

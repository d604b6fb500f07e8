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

    @Test(arguments: [
        #"{"key": "It's a Secret\/to Everybody?"}"#, #"{"key": "It\u0027s a Secret/to Everybody?"}"#,
        "<b>It&#39;s a Secret/to Everybody?</b>", "<b>It&apos;s a Secret&#x2F;to Everybody?</b>",
        "key=It%27s+a+Secret%2Fto+Everybody%3F&x", "key=It's%20a%20Secret/to%20Everybody%3f;",
        #"key='It'\''s a Secret/to Everybody?'"#, "49742773206120536563726574 2f746f2045766572796",
        "It's a \u{1B}[31mSec\u{1B}[0mret/to Everybody?", "It's a Se\u{200B}cret/to\u{202E} Everybody?",
        "It's a Secret/\n  to Everybody?", "It's a Se\u{34F}c\u{FE0F}ret/\u{3164}to Eve\u{E0100}ry\u{180B}body?",
        "I\u{115F}t's a Secret/to Everybody?", "I\u{E0041}t's a Se\u{85}cret/to Everybody?",
        "It&#039;s a Secret&#0047;to Everybody?", "It&#x0027;s a Secret&#X0002f;to Everybody&#00000063;",
        "It%2527s%2520a%2520Secret%252Fto%2520Everybody%253f", "It&amp;#039;s a Secret/to Everybody?",
        #"It\\u0027s a Secret\\/to Everybody?"#, "It's%2Ba%2BSecret%252fto%2BEverybody%253F",
    ])
    func `hides it as programs escape it, and with what is not seen in it`(text: String) {
        let secret = text.hasPrefix("49") ? "It's a Secret/to Every" : secret
        let clean = Redactor(secrets: [Secret(secret)]).redact(text)
        #expect(clean.contains("[REDACTED]"))
        for part in ["Secret", "Everybody", "cret", "536563", "2045"] { #expect(!clean.contains(part), "\(clean)") }
    }

    @Test(
        arguments: ["0123456789abcdef", "0123456789ABCDEF"],
        ["", " ", ":", "-", #"\x"#, ", 0x", " 0x", ",", ",0X", ";  "])
    func `hides it in hexadecimal`(digits: String, separator: String) {
        let digits = Array(digits)
        let code = secret.utf8.map { separator + String([digits[Int($0 >> 4)], digits[Int($0 & 15)]]) }.joined()
        let clean = redactor.redact("dump \(code) end")
        #expect(clean.replacing(separator, with: "").contains("[REDACTED]") && clean.utf8.count < 40, "\(clean)")
    }

    @Test func `hides it as the numbers of a program's source, over lines`() {
        let numbers = secret.utf8.map { "0x" + String($0, radix: 16) }
        let text = numbers[..<12].joined(separator: ", ") + ",\n    " + numbers[12...].joined(separator: ", ")
        #expect(redactor.redact("{ \(text) }") == "{ 0x[REDACTED]\n[REDACTED] }")
    }

    @Test func `hides what stands beyond ASCII as JSON and HTML have it`() {
        let redactor = Redactor(secrets: [Secret("pässwörd\"<🚢>")])
        for text in [
            #"p\u00e4ssw\u00F6rd\"<\ud83d\udea2>"#, "p&#228;ssw&#xf6;rd&quot;&lt;&#x1F6A2;&gt;",
            "p%C3%A4ssw%c3%b6rd%22%3C%F0%9F%9A%A2%3E",
            #"p\xc3\xa4ssw\xC3\xB6rd\"<🚢>"#,
        ] {
            #expect(redactor.redact("a \(text) z") == "a [REDACTED] z")
        }
    }

    @Test(arguments: [
        ("https://ada:pass@host/x", "https://ada:[REDACTED]@host/x"), ("https://token@host", "https://[REDACTED]@host"),
        ("postgres://ada:p%40ss@db:5432/x", "postgres://ada:[REDACTED]@db:5432/x"),
        ("https://ada:p@ss@host", "https://ada:[REDACTED]@host"), ("ssh://git@host/x", "ssh://git@host/x"),
        ("http://host:8080/a@b", "http://host:8080/a@b"), ("see https://host and a:b@c", "see https://host and a:b@c"),
        ("https://ada:\u{1B}[31mpass\u{1B}[0m@host", "https://ada:\u{1B}[31m[REDACTED]\u{1B}[0m@host"),
        (#"{"url":"https:\/\/ada:pass@host\/x"}"#, #"{"url":"https:\/\/ada:[REDACTED]@host\/x"}"#),
        ("git@host:a/b.git", "git@host:a/b.git"),
    ])
    func `hides the login in a URL, whoever's it is`(text: String, seen: String) {
        #expect(Redactor(secrets: []).redact(text) == seen)
        #expect(Redactor(secrets: []).redact(seen) == seen)
    }

    @Test func `hides the beginning of a secret that is cut off, where it is long enough to tell`() {
        #expect(redactor.redact("key It's a Secret/to") == "key [REDACTED]")
        #expect(redactor.redact("key It's a") == "key It's a")
    }

    @Test func `hides one whose characters may also be escapes of each other`() {
        let redactor = Redactor(secrets: [Secret(#"\\\\a\b$$c"#)])
        #expect(redactor.redact(#"x \\\\a\b$$c y"#) == "x [REDACTED] y")
        #expect(redactor.redact(#"x \\\\\\\\a\\b\$\$c y"#) == "x [REDACTED] y")
    }

    @Test func `text is gone through once, whatever it looks like`() {
        let redactor = Redactor(secrets: [
            Secret(String(repeating: "a", count: 40) + "b"), Secret(String(repeating: "/+", count: 40)),
        ])
        for text in ["a", "aaaaaaaa/", "/+", "\\", "a\n", "%2F", "://a:b"] {
            let long = String(repeating: text, count: 20_000 / text.utf8.count)
            #expect(!redactor.redact(long).isEmpty)
        }
    }
}

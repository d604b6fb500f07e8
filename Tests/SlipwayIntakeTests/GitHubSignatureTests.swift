import SlipwayBase
import Testing

@testable import SlipwayIntake

struct GitHubSignatureTests {
    static let secret = Secret("It's a Secret to Everybody")

    @Test(arguments: [
        ("Hello, World!", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"),
        (
            #"{"zen":"Keep it logically awesome."}"#,
            "b9f180c4171a9926a5055962b54ec47b0ebee85e62e76c83ebdbb382f77b05ac"
        ),
        (
            "payload=%7B%22zen%22%3A%22Keep+it+logically+awesome.%22%7D",
            "1fc8bf6145b8e3b76b01404760bc7e884a641ad0fe4b9b66ced27d4a983cce1c"
        ),
    ])
    func `agrees with GitHub's published vector, and a form is signed as it came`(body: String, hex: String) throws {
        let signature = try GitHubSignature(header: "sha256=" + hex)
        #expect(signature.signers(of: Array(body.utf8), among: [Self.secret]) == [Self.secret])
        #expect(signature.signers(of: Array((body + " ").utf8), among: [Self.secret]).isEmpty)
    }

    @Test func `finds the signer among several secrets`() throws {
        let header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        let secrets: Set<Secret> = [Secret("old"), Self.secret, Secret("new")]
        #expect(
            try GitHubSignature(header: header).signers(of: Array("Hello, World!".utf8), among: secrets)
                == [Self.secret])
    }

    @Test func `an empty secret signs nothing`() throws {
        let header = "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        #expect(try GitHubSignature(header: header).signers(of: [], among: [Secret("")]).isEmpty)
    }

    @Test(arguments: [
        "", "sha256=", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59",
        "sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "SHA256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e170",
        "sha256=757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17",
        "sha256= 57107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "sha256=+57107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1",
        "sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    ])
    func `refuses what is not sha256 and 64 lower-case digits`(header: String) {
        #expect(throws: GitHubSignature.ParseError.malformed) { try GitHubSignature(header: header) }
    }
}

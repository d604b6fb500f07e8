import SlipwayNet
import Testing

@Suite struct CryptoTests {
    @Test func `agrees with GitHub's published vector of a webhook's signature`() {
        let code = HMACSHA256.authenticate(Array("Hello, World!".utf8), key: Array("It's a Secret to Everybody".utf8))
        #expect(code.hex == "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
    }

    @Test func `agrees with FIPS 180-4's examples`() {
        #expect(
            SHA256.hash(Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(SHA256.hash([]).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func `authenticates with an empty key and an empty message`() {
        #expect(
            HMACSHA256.authenticate([], key: []).hex
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `compares by content and length`() {
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
        #expect(constantTimeEqual([], []))
    }

    @Test func `makes as many random bytes as asked for, others each time`() {
        #expect(SecureRandom.bytes(32).count == 32)
        #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
        #expect(SecureRandom.bytes(0).isEmpty)
    }

    @Test func `writes and reads hexadecimal`() {
        #expect([UInt8]([0, 15, 16, 255]).hex == "000f10ff")
        #expect([UInt8](hex: "000F10ff") == [0, 15, 16, 255])
        #expect([UInt8](hex: "0") == nil)
        #expect([UInt8](hex: "0g") == nil)
        #expect([UInt8](hex: "") == [])
    }
}

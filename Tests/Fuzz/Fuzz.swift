@testable import SlipwayHTTP

/// What libFuzzer calls with each input: a letter says what is parsed, a byte how it is cut or chosen, a third byte is
/// there for people's eyes, and the rest is the text, as it would come over the wire.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    // -1: of no interest, not for the corpus.
    guard input.count > 3 else { return -1 }
    let seed = input[1]
    let text = Array(input[3...])
    switch input[0] {
    case UInt8(ascii: "Q"): Requests.check(text, cut: seed)
    case UInt8(ascii: "S"): Responses.check(text, cut: seed, to: seed & 1 == 0 ? .get : .head)
    case UInt8(ascii: "T"): Texts.checkTarget(text)
    case UInt8(ascii: "P"): Texts.checkPercentCoding(text)
    case UInt8(ascii: "F"): Texts.checkForm(text)
    case UInt8(ascii: "D"): Texts.checkDate(text)
    case UInt8(ascii: "R"): Texts.checkRange(text, size: Int(seed))
    default: return -1
    }
    return 0
}

/// Ends the run: libFuzzer then writes the input that did it to a file.
func require(_ condition: Bool, _ rule: @autoclosure () -> String) {
    if !condition { fatalError("broken rule: \(rule())") }
}

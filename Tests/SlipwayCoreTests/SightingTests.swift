import Foundation
import SlipwayBase
import SlipwayCore
import Testing

struct SightingTests {
    @Test func `an answer is kept as it was`() throws {
        let running = Sighting.Running(
            version: 9, origin: "r9", since: Timestamp(milliseconds: 7001), words: "Rollback to v7",
            account: "ops@example.com", clues: [.release("r9"), .release("r7"), .image("142013fe2b5c")],
            trouble: "the dyno web.1 crashed")
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        for (answer, text) in [
            (Sighting.Answer.cannotTell, "{}"),
            (.nothing, #"{"running":null}"#),
            (
                .running(running),
                #"{"running":{"account":"ops@example.com","clues":[{"release":"r9"},{"release":"r7"},"#
                    + #"{"image":"142013fe2b5c"}],"origin":"r9","since":7001,"trouble":"the dyno web.1 crashed","#
                    + #""version":9,"words":"Rollback to v7"}}"#
            ),
        ] {
            let encoded = try encoder.encode(answer)
            #expect(String(decoding: encoded, as: UTF8.self) == text)
            #expect(try JSONDecoder().decode(Sighting.Answer.self, from: encoded) == answer)
        }
    }
}

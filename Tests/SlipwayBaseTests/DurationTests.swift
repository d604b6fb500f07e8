import SlipwayBase
import Testing

struct DurationTests {
    @Test(arguments: [
        (Duration.zero, "0 s"), (.milliseconds(1500), "1.5 s"), (.seconds(45), "45 s"), (.seconds(90), "90 s"),
        (.seconds(210), "3 min 30 s"), (.seconds(1200), "20 min"), (.seconds(3600), "60 min"), (.seconds(7200), "2 h"),
        (.seconds(7260), "121 min"),
    ])
    func `reads as a person would say it`(duration: Duration, words: String) {
        #expect(duration.inWords == words)
    }
}

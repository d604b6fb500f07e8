import Dispatch
import SlipwayBase
import Testing

struct SecretTests {
    @Test func `prints as redacted in every way`() {
        let secret = Secret("hunter2-hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])", "\(Optional(secret)!)",
            dumped,
        ]
        for text in texts {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("[REDACTED]"))
        }
        #expect(secret.revealed == "hunter2-hunter2")
    }
}

struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1_795_460_400_123, "2026-11-23T19:00:00.123Z"),
        (1_709_164_800_007, "2024-02-29T00:00:00.007Z"), (-1, "1969-12-31T23:59:59.999Z"),
    ])
    func `prints as RFC 3339 in UTC with milliseconds`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test func `orders and subtracts`() {
        let (early, late) = (Timestamp(milliseconds: 1_000), Timestamp(milliseconds: 2_500))
        #expect(early < late)
        #expect(early.duration(to: late) == .milliseconds(1_500))
    }
}

struct SingleLineTests {
    @Test(arguments: [
        ("Fix the\nbuild\r\n", "Fix the\\nbuild\\r\\n"), ("a\u{1B}[31mred", "a\\u{1b}[31mred"),
        ("tab\there", "tab here"), ("evil\u{202E}gnp.exe", "evil\\u{202e}gnp.exe"),
        ("two\u{2028}lines\u{85}", "two\\u{2028}lines\\u{85}"), ("Grüße 🚀", "Grüße 🚀"), ("nul\0", "nul\\u{0}"),
    ])
    func `escapes whatever could break or colour a line`(text: String, line: String) {
        #expect(text.singleLine() == line)
    }

    @Test func `cuts what is too long`() {
        #expect("abcdef".singleLine(limit: 3) == "abc…")
        #expect("abc".singleLine(limit: 3) == "abc")
    }
}

struct QueueExecutorTests {
    actor OnQueue {
        let executor: QueueExecutor
        var count = 0

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(executor: QueueExecutor) { self.executor = executor }

        func increment() {
            dispatchPrecondition(condition: .onQueue(executor.queue))
            count += 1
        }

        /// From a callback of the queue, without a hop.
        nonisolated func incrementFromQueue() {
            assumeIsolated { $0.count += 1 }
        }
    }

    @Test func `runs an actor on its queue, callbacks of the queue included`() async {
        let executor = QueueExecutor(queue: DispatchQueue(label: "test"))
        let actor = OnQueue(executor: executor)
        await actor.increment()
        executor.queue.sync { actor.incrementFromQueue() }
        #expect(await actor.count == 2)
    }
}

struct CurrentTests {
    @Test func `shows readers the new value after a change`() {
        let current = Current("old")
        current.value = "new"
        #expect(current.value == "new")
    }
}

import SlipwayCore
import TestSupport
import Testing

struct FeedTests {
    func text(_ change: Feed.Change) -> String {
        let number = change.number.map(String.init) ?? "-"
        return switch change.kind {
        case .job(let id): "\(number) job \(id)"
        case .step(let id, let step): "\(number) step \(id) \(step)"
        case .log(let id, let step, let size): "\(number) log \(id) \(step) \(size)"
        case .reset: "\(number) reset"
        }
    }

    func next(_ count: Int, of changes: AsyncStream<Feed.Change>) async -> [String] {
        var texts: [String] = []
        for await change in changes {
            texts.append(text(change))
            if texts.count == count { break }
        }
        return texts
    }

    @Test func `tells listeners what changes from now on`() async {
        let feed = Feed()
        feed.publish(.job(1))
        let changes = feed.changes()
        feed.publish(.step(1, .build))
        feed.publish(.log(1, .build, size: 80))
        feed.publish(.job(1))
        #expect(await next(3, of: changes) == ["2 step 1 build", "- log 1 build 80", "3 job 1"])
    }

    @Test func `resumes after a number without a gap`() async {
        let feed = Feed()
        for id in 1...5 { feed.publish(.job(JobID(id))) }
        #expect(await next(2, of: feed.changes(after: 3)) == ["4 job 4", "5 job 5"])
    }

    @Test func `has nothing to resume for one who saw the last change`() async {
        let feed = Feed()
        feed.publish(.job(1))
        let changes = feed.changes(after: 1)
        feed.publish(.job(2))
        #expect(await next(1, of: changes) == ["2 job 2"])
    }

    @Test(arguments: [1, 99])
    func `says so when the number is too old or from another life`(last: UInt64) async {
        let feed = Feed(capacity: 2)
        for id in 1...5 { feed.publish(.job(JobID(id))) }
        #expect(await next(1, of: feed.changes(after: last)) == ["- reset"])
    }

    @Test(.endsIfItHangs) func `ends its listeners when it is finished, after what they have not read`() async {
        let feed = Feed()
        let changes = feed.changes()
        let beating = feed.changes(heartbeat: .seconds(3600))
        feed.publish(.job(1))
        feed.finish()
        #expect(await next(9, of: changes) == ["1 job 1"])
        var count = 0
        for await change in beating where change != nil { count += 1 }
        #expect(count == 1)
        #expect(await next(9, of: feed.changes()) == [])
        #expect(await next(9, of: feed.changes(after: 0)) == ["1 job 1"])
    }

    @Test func `ends a listener that falls too far behind`() async {
        let feed = Feed()
        let changes = feed.changes()
        for _ in 0..<5000 { feed.publish(.job(1)) }
        var seen = 0
        for await _ in changes { seen += 1 }
        #expect(seen == 4096)
    }

    @Test func `listeners that leave while they are told hold up nobody`() async {
        let feed = Feed()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<300 {
                        let listener = Task { for await _ in feed.changes(heartbeat: .seconds(60)) {} }
                        await Task.yield()
                        listener.cancel()
                        await listener.value
                    }
                }
                group.addTask {
                    for number in 0..<3000 {
                        feed.publish(.job(JobID(number)))
                        if number.isMultiple(of: 50) { await Task.yield() }
                    }
                }
            }
        }
        #expect(feed.lastNumber == 12_000)
    }
}

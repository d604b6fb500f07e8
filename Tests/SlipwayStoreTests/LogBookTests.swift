import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayStore
import Testing

struct LogBookTests {
    let bench = Bench()

    private func book() -> FileLogBook { FileLogBook(folder: bench.folder, feed: bench.feed) }

    private func text(
        _ book: FileLogBook, _ job: JobID = 1, _ step: Step.Name? = nil, from offset: Int = 0, limit: Int = 1 << 20
    ) async throws -> String {
        String(decoding: try await book.read(job: job, step: step, from: offset, limit: limit), as: UTF8.self)
    }

    /// Test and build at once, as they run.
    private func fill(_ book: FileLogBook, job: JobID = 1) async {
        for (step, line) in [
            (Step.Name.checkout, "one"), (.checkout, "two"), (.test, "three"), (.build, "four"), (.test, "five"),
        ] { await book.append(Array((line + "\n").utf8), job: job, step: step) }
    }

    @Test func `a step's text and the job's text in order of arrival`() async throws {
        let book = book()
        await fill(book)
        #expect(try await text(book) == "one\ntwo\nthree\nfour\nfive\n")
        #expect(try await text(book, 1, .test) == "three\nfive\n")
        #expect(try await text(book, 1, .verify) == "")
        #expect(try await book.size(job: 1, step: nil) == 24)
        #expect(try await book.size(job: 1, step: .build) == 5)
    }

    @Test func `every offset and limit gives its part of the text`() async throws {
        let book = book()
        await fill(book)
        let all = "one\ntwo\nthree\nfour\nfive\n"
        for offset in 0...25 {
            for limit in [0, 1, 3, 7, 100] {
                #expect(try await text(book, from: offset, limit: limit) == all.dropFirst(offset).prefix(limit))
            }
        }
        #expect(try await text(book, from: -5, limit: 3) == "one")
        #expect(try await text(book, from: Int.max, limit: Int.max) == "")
        #expect(try await text(book, 1, .test, from: 4, limit: Int.max) == "e\nfive\n")
    }

    @Test func `a job without a log is empty and stays without a folder`() async throws {
        let book = book()
        #expect(try await text(book, 7) == "")
        #expect(try await book.size(job: 7, step: nil) == 0)
        #expect(!FileManager.default.fileExists(atPath: bench.file("logs/7").path))
    }

    @Test func `another book goes on where the first one stopped`() async throws {
        await fill(book())
        let second = book()
        await second.append(Array("six\n".utf8), job: 1, step: .build)
        #expect(try await text(second) == "one\ntwo\nthree\nfour\nfive\nsix\n")
        #expect(try await text(book(), 1, .build) == "four\nsix\n")
    }

    @Test func `a torn last line is cut, whole lines without a record are kept`() async throws {
        await fill(book())
        let log = bench.file("logs/1/build.log")
        try Data("four\nwhole\nto".utf8).write(to: log)
        let index = bench.file("logs/1/index")
        try (try Data(contentsOf: index) + Data([1, 2, 3])).write(to: index)
        let second = book()
        #expect(try await text(second) == "one\ntwo\nthree\nfour\nfive\nwhole\n")
        #expect(try Data(contentsOf: log) == Data("four\nwhole\n".utf8))
        await second.append(Array("next\n".utf8), job: 1, step: .test)
        #expect(try await text(book()) == "one\ntwo\nthree\nfour\nfive\nwhole\nnext\n")
    }

    @Test func `text lost with the power is left out of the index`() async throws {
        await fill(book())
        try Data("three\nfi".utf8).write(to: bench.file("logs/1/test.log"))
        try Data().write(to: bench.file("logs/1/checkout.log"))
        #expect(try await text(book()) == "three\nfour\n")
        try FileManager.default.removeItem(at: bench.file("logs/1/index"))
        #expect(try await text(book()) == "three\nfour\n")
    }

    @Test func `lines are given their newline`() async throws {
        let book = book()
        await book.append(Array("bare".utf8), job: 1, step: .test)
        await book.append([], job: 1, step: .test)
        #expect(try await text(book) == "bare\n")
    }

    @Test func `a full disk drops lines, says so, and stops no one`() async throws {
        let first = bench.file("logs/1")
        try FileManager.default.createDirectory(at: first, withIntermediateDirectories: true)
        let log = first.appending(path: "build.log")
        try FileManager.default.createSymbolicLink(atPath: log.path, withDestinationPath: "/dev/full")
        let book = book()
        await book.append(Array("a\nb\n".utf8), job: 1, step: .build)
        await book.append(Array("c\n".utf8), job: 1, step: .build)
        await book.append(Array("fine\n".utf8), job: 1, step: .test)
        #expect(try await text(book) == "fine\n")
        try FileManager.default.removeItem(at: log)
        // Jobs enough that the first one's files are closed.
        for job in JobID(2)...20 { await book.append(Array("x\n".utf8), job: job, step: .test) }
        await book.append(Array("d\n".utf8), job: 1, step: .build)
        #expect(try await text(book) == "fine\nslipway: 3 lines are missing here\nd\n")
    }

    @Test func `few files are open, however many jobs have logs`() async throws {
        let book = book()
        for job in JobID(1)...60 {
            for step in Step.Name.allCases { await book.append(Array("\(job)\n".utf8), job: job, step: step) }
        }
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { descriptor in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
            return target?.hasPrefix(bench.folder) == true
        }
        #expect(open == 16 * 8)
        for job in JobID(1)...60 { #expect(try await text(book, job, .verify) == "\(job)\n") }
    }

    @Test func `the growth of a log is told`() async throws {
        var changes = bench.feed.changes().makeAsyncIterator()
        let book = book()
        await book.append(Array("one\n".utf8), job: 1, step: .test)
        await book.append(Array("two\n".utf8), job: 1, step: .test)
        var sizes: [Int] = []
        while sizes.count < 2, let change = await changes.next() {
            guard case .log(1, .test, let size) = change.kind else { break }
            sizes.append(size)
        }
        #expect(sizes == [4, 8])
    }

    @Test func `many writers at once lose no line`() async throws {
        let book = book()
        await withTaskGroup(of: Void.self) { group in
            for step in [Step.Name.test, .build, .push] {
                group.addTask {
                    for number in 0..<300 {
                        await book.append(Array("\(step.rawValue) \(number)\n".utf8), job: 1, step: step)
                    }
                }
            }
        }
        let lines = try await text(book).split(separator: "\n")
        for step in ["test", "build", "push"] {
            #expect(lines.filter { $0.hasPrefix(step) } == (0..<300).map { "\(step) \($0)" })
        }
        #expect(try await text(self.book()).split(separator: "\n") == lines)
    }
}

import Foundation
import Glibc
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
        String(decoding: try await book.read(job: job, step: step, from: offset, limit: limit).bytes, as: UTF8.self)
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

    /// All that a reader gets who asks on and on, and where each piece began.
    private func whole(_ book: FileLogBook, _ step: Step.Name? = nil, from: Int = 0, limit: Int = 7) async throws
        -> String
    {
        var text = ""
        var offset = from
        while true {
            let piece = try await book.read(job: 1, step: step, from: offset, limit: limit)
            guard piece.next > offset else { return text }
            text += String(decoding: piece.bytes, as: UTF8.self)
            if !piece.isOmission { #expect(piece.next - offset == piece.bytes.count) }
            offset = piece.next
        }
    }

    private static let numbered = (0..<200).map { "line \(1000 + $0)\n" }

    @Test func `of a text over its bound the beginning and the end are kept, by offsets of what was printed`()
        async throws
    {
        let book = FileLogBook(folder: bench.folder, feed: bench.feed, bound: 320)
        for line in Self.numbered { await book.append(Array(line.utf8), job: 1, step: .test) }
        let printed = Self.numbered.joined()
        #expect(try await book.size(job: 1, step: .test) == printed.utf8.count)
        let holes = try await book.omitted(job: 1, step: .test)
        let hole = try #require(holes.first)
        #expect(holes.count == 1 && hole.lowerBound <= 160 && printed.utf8.count - hole.upperBound <= 320)
        #expect(hole.lowerBound > 100 && printed.utf8.count - hole.upperBound >= 140)
        let head = String(printed.prefix(hole.lowerBound))
        let tail = String(printed.dropFirst(hole.upperBound))
        #expect(head.hasSuffix("\n") && tail.hasPrefix("line ") && tail.hasSuffix("line 1199\n"))
        let note = "slipway: \(hole.count) bytes of test's output are left out here\n"
        for step in [Step.Name.test, nil] {
            #expect(try await whole(book, step) == head + note + tail)
            #expect(try await whole(book, step, from: hole.lowerBound + 5) == note + tail)
            #expect(try await whole(book, step, from: hole.upperBound - 1) == note + tail)
            #expect(try await whole(book, step, from: hole.upperBound + 5) == String(tail.dropFirst(5)))
            #expect(try await book.omitted(job: 1, step: step) == [hole])
        }
    }

    @Test func `what is left out of one step leaves the others' lines in the job's text`() async throws {
        let book = FileLogBook(folder: bench.folder, feed: bench.feed, bound: 320)
        for (index, line) in Self.numbered.enumerated() {
            await book.append(Array(line.utf8), job: 1, step: .test)
            if index % 50 == 25 { await book.append(Array("build \(index)\n".utf8), job: 1, step: .build) }
        }
        let text = try await whole(book)
        for index in [25, 75, 125, 175] { #expect(text.contains("\nbuild \(index)\n")) }
        let holes = try await book.omitted(job: 1, step: nil)
        #expect(holes.count >= 3)
        #expect(holes.reduce(0) { $0 + $1.count } == (try await book.omitted(job: 1, step: .test).first?.count))
        #expect(text.components(separatedBy: "are left out here\n").count == holes.count + 1)
        for hole in holes {
            let piece = try await book.read(job: 1, step: nil, from: hole.lowerBound + 1, limit: 100)
            #expect(piece.isOmission && piece.next == hole.upperBound && piece.own == [0..<piece.bytes.count])
        }
    }

    @Test func `the disk gets back what is left out`() async throws {
        let book = FileLogBook(folder: bench.folder, feed: bench.feed, bound: 262_144)
        let line = Array((String(repeating: "x", count: 1023) + "\n").utf8)
        for _ in 0..<2048 { await book.append(line, job: 1, step: .test) }
        var status = stat()
        #expect(stat(bench.file("logs/1/test.log").path, &status) == 0)
        #expect(status.st_size == 2_097_152 && Int(status.st_blocks) * 512 <= 262_144 + 65_536)
    }

    /// As a kill leaves it: at any byte of the text, and with the range written down before anything was taken out.
    @Test func `a text with a hole is right again after a kill`() async throws {
        let first = FileLogBook(folder: bench.folder, feed: bench.feed, bound: 320)
        for line in Self.numbered { await first.append(Array(line.utf8), job: 1, step: .test) }
        let hole = try #require(try await first.omitted(job: 1, step: .test).first)
        let log = bench.file("logs/1/test.log")
        let size = try await first.size(job: 1, step: .test)
        let handle = try FileHandle(forUpdating: log)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("whole\ntorn li".utf8))
        try handle.close()
        let second = FileLogBook(folder: bench.folder, feed: bench.feed, bound: 320)
        #expect(try await second.omitted(job: 1, step: .test) == [hole])
        #expect(try await second.size(job: 1, step: nil) == size + 6)
        for number in 0..<40 { await second.append(Array("again \(number)\n".utf8), job: 1, step: .test) }
        let grown = try #require(try await second.omitted(job: 1, step: .test).first)
        #expect(grown.lowerBound == hole.lowerBound && grown.upperBound > hole.upperBound)
        let text = try await whole(second, .test)
        #expect(text.hasPrefix("line 1000\n") && text.hasSuffix("again 39\n") && !text.contains("\0"))
        #expect(try await whole(FileLogBook(folder: bench.folder, feed: bench.feed), .test) == text)
        // The end went with the power: the text goes on behind its beginning.
        try FileHandle(forUpdating: log).truncate(atOffset: UInt64(grown.upperBound))
        let third = FileLogBook(folder: bench.folder, feed: bench.feed)
        await third.append(Array("next\n".utf8), job: 1, step: .test)
        let head = String(Self.numbered.joined().prefix(hole.lowerBound))
        #expect(try await whole(third) == head + "next\n")
        #expect(try await whole(FileLogBook(folder: bench.folder, feed: bench.feed), .test) == head + "next\n")
    }

    @Test func `whose lines they are is known of the job's text, also to the next book`() async throws {
        let lines: [(String, Bool)] = [
            ("slipway: one\n", true), ("slipway: two\n", true), ("slipway: no\n", false), ("slipway: three\n", true),
        ]
        let first = book()
        for (line, isOwn) in lines { await first.append(Array(line.utf8), job: 1, step: .test, isOwn: isOwn) }
        for book in [first, book()] {
            let piece = try await book.read(job: 1, step: nil, from: 0, limit: 1000)
            #expect(piece.own == [0..<26, 38..<53])
            #expect(try await book.read(job: 1, step: nil, from: 20, limit: 20).own == [0..<6, 18..<20])
        }
    }

    /// Its records had a step's number in four bytes, and nothing on whose lines they are.
    @Test func `a log of before is read as it was`() async throws {
        let folder = bench.file("logs/1")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("slipway: old\nout\n".utf8).write(to: folder.appending(path: "test.log"))
        var index = Data(count: 24)
        index[16] = 17
        index[20] = 2
        try index.write(to: folder.appending(path: "index"))
        let piece = try await book().read(job: 1, step: nil, from: 0, limit: 100)
        #expect(String(decoding: piece.bytes, as: UTF8.self) == "slipway: old\nout\n" && piece.own.isEmpty)
    }

    @Test func `a line without an end is shown beside the text, until the next line`() async throws {
        var changes = bench.feed.changes().makeAsyncIterator()
        let book = book()
        await book.show(Array("Continue? ".utf8), job: 1, step: .test)
        guard case .log(1, .test, size: 0) = await changes.next()?.kind else {
            Issue.record("nobody was told")
            return
        }
        await book.show(Array("#5".utf8), job: 1, step: .build)
        #expect(await book.unfinished(job: 1, step: .test) == Array("Continue? ".utf8))
        #expect(await book.unfinished(job: 1, step: nil) == Array("#5".utf8))
        #expect(await book.unfinished(job: 2, step: nil).isEmpty)
        #expect(try await book.size(job: 1, step: nil) == 0)
        await book.append(Array("#5 done\n".utf8), job: 1, step: .build)
        #expect(await book.unfinished(job: 1, step: nil) == Array("Continue? ".utf8))
        await book.append(Array("Continue? no\n".utf8), job: 1, step: .test)
        #expect(await book.unfinished(job: 1, step: nil).isEmpty)
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

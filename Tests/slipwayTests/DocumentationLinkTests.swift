import Testing

/// That what the documents, the code's comments and the scripts refer to is there.
@Suite struct DocumentationLinkTests {
    private let repository: RepositoryFiles

    init() throws { repository = try RepositoryFiles() }

    private var documents: [String] { repository.files.filter { $0.hasSuffix(".md") }.sorted() }

    private var code: [String] {
        // Not this file, which has samples of what is broken.
        repository.files.filter { path in
            [".swift", ".c", ".h"].contains(where: path.hasSuffix) && !path.hasSuffix("DocumentationLinkTests.swift")
        }.sorted()
    }

    /// What has comments that begin with `#`.
    private var settings: [String] {
        let beneath = ["scripts/", "packaging/", ".ci/", ".github/"]
        return repository.files.filter { path in
            path.hasSuffix(".yml") || ["Makefile", "Dockerfile"].contains(path)
                || beneath.contains(where: path.hasPrefix) && !path.hasSuffix(".md")
        }.sorted()
    }

    @Test func `every link of a document leads to a file and a heading that are there`() throws {
        #expect(documents.count > 10)
        var count = 0
        for document in documents {
            let links = try MarkdownText(repository.text(of: document)).addresses
            for link in links where !Self.isElsewhere(link) {
                count += 1
                let leads = try leads(link, from: document)
                #expect(leads, "\(document): \(link)")
            }
        }
        #expect(count > 80)
    }

    @Test func `every link by name has its address, and every address its link`() throws {
        for document in documents {
            #expect(try MarkdownText(repository.text(of: document)).looseNames == [], "\(document)")
        }
    }

    private static func isElsewhere(_ link: String) -> Bool {
        ["https://", "http://", "mailto:"].contains(where: link.hasPrefix)
    }

    private func leads(_ link: String, from document: String) throws -> Bool {
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].isEmpty ? document : RepositoryFiles.path(of: parts[0], from: document)
        guard let path, repository.has(path) else { return false }
        guard parts.count > 1 else { return true }
        return try path.hasSuffix(".md") && MarkdownText(repository.text(of: path)).anchors.contains(String(parts[1]))
    }

    @Test func `every file that a document names is there`() throws {
        let missing = try documents.flatMap { try strangers(in: $0) { line in line } }
        #expect(missing == [])
    }

    @Test func `every file that a comment names is there`() throws {
        let missing =
            try code.flatMap { try strangers(in: $0, after: "//") }
            + settings.flatMap { try strangers(in: $0, after: "# ") }
        #expect(missing == [])
    }

    private func strangers(in path: String, after mark: String) throws -> [String] {
        try strangers(in: path) { line in
            guard let range = line.firstRange(of: mark), !line[..<range.lowerBound].hasSuffix(":") else { return "" }
            return line[range.upperBound...]
        }
    }

    /// - Returns: what a file's text names and the repository does not have.
    private func strangers(in path: String, _ part: (Substring) -> Substring) throws -> [String] {
        try repository.text(of: path).split(separator: "\n").flatMap { FileMention.all(in: part($0)) }
            .filter { !repository.knows($0, in: path) }.map { "\(path): \($0)" }
    }

    @Test func `every trap that code and tests name is in the document, under its number`() throws {
        let document = try repository.text(of: "docs/heroku.md")
        let traps = document.matches(of: /(?m)^\| T(\d+) \| \S/).compactMap { Int($0.output.1) }
        #expect(traps == Array(1...27))
        var named: Set<Int> = []
        for path in code + documents where path.hasPrefix("Sources/") || path.hasPrefix("Tests/") {
            for match in try repository.text(of: path).matches(of: /\bT(\d+)\b/) {
                let trap = try #require(Int(match.output.1))
                named.insert(trap)
                #expect(traps.contains(trap), "\(path): T\(trap)")
            }
        }
        #expect(named.count > 10)
    }

    /// `docs/heroku.md, 3.2`, with ` and 3.4` behind it where there are two.
    @Test func `every section that a comment names is there`() throws {
        var count = 0
        for path in code + documents {
            for match in try repository.text(of: path).matches(of: /docs\/(\w+\.md), (\d[\d.]*)(?: and (\d[\d.]*))?/) {
                let headings = try MarkdownText(repository.text(of: "docs/\(match.output.1)")).headings
                for section in [match.output.2, match.output.3].compactMap(\.self) {
                    count += 1
                    let number = section.hasSuffix(".") ? section.dropLast() : section
                    #expect(headings.contains { $0.hasPrefix("\(number) ") }, "\(path): \(match.output.0)")
                }
            }
        }
        #expect(count > 10)
    }

    /// A suite that was renamed would be run by `make unit`, without the engine that it needs; one that is gone would stay.
    @Test func `every suite that make unit leaves out is there`() throws {
        let list = try repository.text(of: "scripts/unit").split(separator: "\n")
            .compactMap { $0.wholeMatch(of: #/\ +'?(\w+Tests)(?:\.([^/']+)(?:/([^']+))?)?'?/#)?.output }
        #expect(list.count > 10)
        for (name, target, suite, test) in list {
            let sources = try code.filter { $0.hasPrefix("Tests/\(target)/") }.map(repository.text(of:))
            #expect(!sources.isEmpty, "\(name)")
            if let suite { #expect(sources.contains { $0.contains("struct \(suite) ") }, "\(name)") }
            if let test { #expect(sources.contains { $0.contains("func \(test)(") }, "\(name)") }
        }
    }

    /// Of the two documents for those who change the code: a name that moves on must move here too.
    @Test(arguments: ["CONTRIBUTING.md", "docs/architecture.md"])
    func `every type that a document for engineers names is declared`(document: String) throws {
        let sources = try code.map(repository.text(of:))
        let declared = Set(
            sources.flatMap { text in
                text.matches(of: /(?:class|struct|enum|actor|protocol|typealias) ([A-Z]\w*)/).map { $0.output.1 }
            })
        let modules = repository.files.compactMap { path -> Substring? in
            let parts = path.split(separator: "/")
            return parts.count > 2 && ["Sources", "Tests"].contains(parts[0]) ? parts[1] : nil
        }
        let spans = try repository.text(of: document).matches(of: /`([A-Z]\w*)(?:\.(\w+))?(?:\([^`]*\))?`/)
            // Names of files are another test's.
            .filter { !["swift", "md"].contains($0.output.2) }
        #expect(!spans.isEmpty)
        for span in spans where !Self.isNoType(span.output.1) && !modules.contains(span.output.1) {
            let isDeclared = declared.contains(span.output.1)
            #expect(isDeclared, "\(document): \(span.output.0)")
            guard let member = span.output.2 else { continue }
            let declaration = try Regex("(?:func|var|let|case) \(member)\\b")
            let hasMember = sources.contains { $0.contains(declaration) }
            #expect(hasMember, "\(document): \(span.output.0)")
        }
    }

    /// Variables of the environment, and files without an end.
    private static func isNoType(_ word: Substring) -> Bool {
        word.allSatisfy { $0.isUppercase || $0 == "_" || $0.isNumber }
            || ["Makefile", "Dockerfile", "Sources", "Tests", "Public"].contains(word)
    }

    // MARK: That it can fail

    @Test func `a broken link, anchor, name or file would be found`() {
        let files = RepositoryFiles(of: ["README.md", "docs/queue.md", "Sources/A/Steps/Build.swift"])
        #expect(files.has("docs") && !files.has("doc"))
        #expect(RepositoryFiles.path(of: "../docs/queue.md", from: "Sources/README.md") == "docs/queue.md")
        #expect(RepositoryFiles.path(of: "../../queue.md", from: "docs/queue.md") == nil)
        for name in ["Build.swift", "Steps/Build.swift", "queue.md", "docs/"] {
            #expect(files.knows(name[...], in: "README.md"), "\(name)")
        }
        for name in ["Built.swift", "s/Build.swift", "docs/queues.md", "ueue.md"] {
            #expect(!files.knows(name[...], in: "README.md"), "\(name)")
        }

        let text = MarkdownText(
            """
            # The queue: `a` & b
            ## Twice
            ## Twice
            A [link](docs/queue.md#twice-1), an ![image](x.png "title"), [two
            lines](y.md), `[no](link.md)`, [by name][Name], [lost], [ ] and [text][gone].

            ```
            [no](link.md)
            # no heading
            ```

            [name]: https://example.com/
            [spare]: z.md
            """)
        #expect(text.anchors == ["the-queue-a--b", "twice", "twice-1"])
        #expect(text.addresses == ["docs/queue.md#twice-1", "x.png", "y.md", "https://example.com/", "z.md"])
        #expect(text.looseNames == ["[gone] has no address", "[lost] has no address", "[spare] is not used"])

        let words =
            "See Server.swift:12, docs/queue.md. Not https://a.b/c.md, /etc/d.md, $x/e.md; Sources/A/Steps/*.swift"
        #expect(FileMention.all(in: words) == ["Server.swift", "docs/queue.md", "Sources/A/Steps"])
    }
}

import SlipwayBase
import SlipwayCore

/// A Dockerfile, read as far as Slipway must know it before a builder reads it.
struct DockerfileText {
    /// Instructions with their continued lines joined, each with the text that its heredocs have.
    private(set) var instructions: [Instruction] = []
    private let frontends: [FrontendDetection.Finding]

    struct Instruction: Sendable, Hashable {
        /// In capitals; what `ONBUILD` holds counts as itself.
        var name: String
        /// The names of its flags, without dashes: `mount`, `chmod`.
        var flags: [String]
        var hasHeredoc: Bool
    }

    init(_ file: [UInt8]) {
        frontends = FrontendDetection.findings(in: file)
        let escape = FrontendDetection.directives(in: file[...], after: "#").first { $0.key == "escape" }?.value
        var lines = file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }[...]
        while !lines.isEmpty {
            let text = Self.takeInstruction(&lines, escape: escape == "`" ? "`" : "\\")
            guard var instruction = Instruction(text) else { continue }
            // Only with all its ends in the file is `<<WORD` a heredoc; else a shell gets it as it stands.
            if ["RUN", "COPY", "ADD"].contains(instruction.name), let rest = Self.skipHeredocs(of: text, lines) {
                instruction.hasHeredoc = true
                lines = rest
            }
            instructions.append(instruction)
        }
    }

    /// Whether it names a frontend of its own, which decides by itself what it can read.
    var namesFrontend: Bool { !frontends.isEmpty }

    /// Why a builder is not given this file; nil: it names no frontend but such as are allowed.
    func refusal(allowing allowed: Frontends) -> String? {
        for finding in frontends {
            switch finding {
            case .image(let image) where allowed.allows(image): continue
            case .image(let image):
                return
                    "names a frontend of its own, `# syntax=\(image.singleLine(limit: 200))`, which would be run instead of "
                    + "the builder's: use docker/dockerfile, or let the server's file allow it (build.frontends)"
            case .json:
                return
                    "begins with a brace, as a file for a frontend of its own (`syntax`) does: name the frontend in a line "
                    + "`# syntax=…`, and let the server's file allow it (build.frontends)"
            }
        }
        return nil
    }

    private static func takeInstruction(_ lines: inout ArraySlice<String>, escape: Character) -> String {
        var text = ""
        while let line = lines.popFirst() {
            let bare = line.drop(while: \.isWhitespace)
            // Comments, and empty lines within an instruction, are not a part of it.
            if bare.hasPrefix("#") || bare.isEmpty {
                if text.isEmpty { return "" }
                continue
            }
            var kept = bare
            while kept.last?.isWhitespace == true { kept.removeLast() }
            guard kept.last == escape else { return text + bare }
            text += kept.dropLast()
        }
        return text
    }

    /// - Returns: the lines behind the last heredoc's end; nil where there is none, or one has no end.
    private static func skipHeredocs(of text: String, _ lines: ArraySlice<String>) -> ArraySlice<String>? {
        let starts = text.matches(of: /(?:^|\s)[0-9]*<<(-?)(?:"([^"<>]+)"|'([^'<>]+)'|([A-Za-z0-9_.]+))(?=\s|$|[>|;&])/)
        guard !starts.isEmpty else { return nil }
        var rest = lines
        for start in starts {
            let word = start.output.2 ?? start.output.3 ?? start.output.4 ?? ""
            let dropsTabs = !start.output.1.isEmpty
            guard let end = rest.firstIndex(where: { (dropsTabs ? $0.drop { $0 == "\t" } : $0[...]) == word }) else {
                return nil
            }
            rest = rest[(end + 1)...]
        }
        return rest
    }
}

extension DockerfileText.Instruction {
    init?(_ text: String) {
        var words = text.split(whereSeparator: \.isWhitespace)[...]
        guard var name = words.popFirst()?.uppercased() else { return nil }
        if name == "ONBUILD", let inner = words.popFirst() { name = inner.uppercased() }
        self.name = name
        flags = words.prefix { $0.hasPrefix("--") && $0.count > 2 }.map { word in
            String(word.dropFirst(2).prefix { $0 != "=" })
        }
        hasHeredoc = false
    }
}

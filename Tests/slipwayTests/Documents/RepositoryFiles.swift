import Foundation

/// The repository's files by their paths from its root, without what is built or downloaded.
struct RepositoryFiles: Sendable {
    private(set) var files: Set<String> = []
    private var folders: Set<String> = []
    /// Each file's path, and each end of it that begins at a slash, so that `Serve/Server.swift` names a file too.
    private var ends: Set<Substring> = []

    init() throws {
        try add("")
    }

    /// For tests of what reads it.
    init(of paths: [String]) {
        for path in paths { add(file: path) }
    }

    private mutating func add(_ folder: String) throws {
        let here = Program.repository + (folder.isEmpty ? "" : "/" + folder)
        for name in try FileManager.default.contentsOfDirectory(atPath: here)
        // As .gitignore has it: the sanitizers and the fuzzer have build folders of their own.
        where name != ".git" && !name.hasPrefix(".build") {
            let path = folder.isEmpty ? name : folder + "/" + name
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: here + "/" + name, isDirectory: &isFolder)
            if isFolder.boolValue { try add(path) } else { add(file: path) }
        }
    }

    private mutating func add(file path: String) {
        files.insert(path)
        var rest = path[...]
        ends.insert(rest)
        while let slash = rest.firstIndex(of: "/") {
            rest = rest[rest.index(after: slash)...]
            ends.insert(rest)
        }
        var folder = path[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            folders.insert(String(folder))
        }
    }

    func text(of path: String) throws -> String {
        try String(contentsOfFile: Program.repository + "/" + path, encoding: .utf8)
    }

    /// - Parameters:
    ///   - target: a relative path, as a link has it.
    ///   - document: the file that it stands in.
    /// - Returns: the path from the root; nil for what leads out of the repository.
    static func path(of target: some StringProtocol, from document: String) -> String? {
        var parts = document.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") where part != "." {
            guard part == ".." else {
                parts.append(String(part))
                continue
            }
            guard parts.popLast() != nil else { return nil }
        }
        return parts.joined(separator: "/")
    }

    func has(_ path: String) -> Bool { files.contains(path) || folders.contains(path) }

    /// Whether a text's word for a file names one: by its path from the root or from that text's folder, by the end of its
    /// path, by its name, or by the facet of a type (`+Apps.swift`).
    func knows(_ word: Substring, in document: String) -> Bool {
        let word = word.hasSuffix("/") ? word.dropLast() : word
        if word.hasPrefix("+") { return files.contains { $0.hasSuffix(word) } }
        return has(String(word)) || ends.contains(word) || Self.path(of: word, from: document).map(has) == true
    }
}

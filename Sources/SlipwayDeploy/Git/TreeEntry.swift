/// One thing in a commit's tree, as `git ls-tree -z -l` lists it.
struct TreeEntry: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case file, link, folder, submodule
    }

    var kind: Kind
    /// Of a file or a link; 0 where git does not know it, which is said by who reads it.
    var bytes: Int64
    /// From the tree's root; any bytes but NUL, for git asks for no encoding.
    var path: [UInt8]

    /// `MODE TYPE OBJECT SIZE<TAB>PATH`.
    init?(_ record: ArraySlice<UInt8>) {
        guard let tab = record.firstIndex(of: UInt8(ascii: "\t")) else { return nil }
        let words = record[..<tab].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 4 else { return nil }
        switch words[0] {
        case "040000": kind = .folder
        case "120000": kind = .link
        case "160000": kind = .submodule
        default: kind = .file
        }
        bytes = Int64(words[3]) ?? 0
        path = Array(record[record.index(after: tab)...])
    }
}

/// Cuts what `git ls-tree -z` prints into entries, however it arrives.
struct TreeListing: Sendable {
    private var rest: [UInt8] = []

    /// - Returns: the entries that are whole with this.
    mutating func take(_ chunk: [UInt8]) -> [TreeEntry] {
        rest += chunk
        var entries: [TreeEntry] = []
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: 0) {
            if let entry = TreeEntry(rest[start..<end]) { entries.append(entry) }
            start = end + 1
        }
        rest.removeFirst(start)
        return entries
    }
}

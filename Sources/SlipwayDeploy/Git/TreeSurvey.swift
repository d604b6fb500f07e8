import SlipwayBase
import SlipwayCore

/// What a commit's tree has, and whether it may be unpacked.
package struct TreeSurvey: Sendable {
    /// Of all files, each as often as it stands in the tree.
    private(set) var bytes: Int64 = 0
    /// With folders, links and submodules.
    private(set) var entries = 0
    private(set) var largest: TreeEntry?
    private(set) var submodules = Sample()
    /// Files whose content is in Git LFS; known once the tree is unpacked.
    var pointers = Sample()
    private(set) var trouble: Trouble?

    private let bounds: ServerSettings.Checkout
    /// Of a path in the tree; beneath the folder that it is unpacked in the kernel takes no longer one.
    private let longestPath: Int

    /// Why a tree is not unpacked.
    enum Trouble: Sendable, Hashable {
        case tooManyFiles
        case tooManyBytes
        /// The kernel could not hold it.
        case pathTooLong([UInt8])
        /// No git makes it, and unpacked it would be another file.
        case malformedPath([UInt8])
    }

    /// A few of many.
    struct Sample: Sendable {
        private(set) var count = 0
        private(set) var first: [String] = []

        mutating func add(_ path: [UInt8]) {
            count += 1
            if count <= 3 { first.append(String(decoding: path, as: UTF8.self).singleLine(limit: 100)) }
        }

        /// `a, b, c and 4 more`.
        var names: String {
            first.joined(separator: ", ") + (count > first.count ? " and \(count - first.count) more" : "")
        }
    }

    /// - Parameter folder: where it is to be unpacked.
    init(within bounds: ServerSettings.Checkout, folder: String) {
        self.bounds = bounds
        longestPath = 4095 - folder.utf8.count - 1
    }

    /// - Returns: whether to go on. It ends once the number of entries is over its bound, so that trees that hold each other
    ///   many times cost no more than that; bytes are counted to the end, for who reads how many there are.
    mutating func add(_ entry: TreeEntry) -> Bool {
        entries += 1
        guard entries <= bounds.files else { return stop(.tooManyFiles) }
        guard entry.path.count <= longestPath else { return stop(.pathTooLong(entry.path)) }
        for name in entry.path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard name.count <= 255 else { return stop(.pathTooLong(entry.path)) }
            guard !Self.malformed.contains(String(decoding: name, as: UTF8.self).lowercased()) else {
                return stop(.malformedPath(entry.path))
            }
        }
        if entry.kind == .submodule { submodules.add(entry.path) }
        let (sum, overflows) = bytes.addingReportingOverflow(entry.bytes)
        bytes = overflows ? .max : sum
        if entry.bytes > largest?.bytes ?? 0 { largest = entry }
        if bytes > bounds.bytes { trouble = .tooManyBytes }
        return true
    }

    private static let malformed: Set = ["", ".", "..", ".git"]

    private mutating func stop(_ trouble: Trouble) -> Bool {
        self.trouble = trouble
        return false
    }
}

// MARK: - In words

extension TreeSurvey {
    /// What the images and tests lack of what a clone with everything would have, a line each; empty: nothing.
    package var notes: [String] {
        var notes: [String] = []
        if pointers.count > 0 {
            let what =
                pointers.count == 1
                ? "1 file is a Git LFS pointer" : "\(pointers.count) files are Git LFS pointers"
            notes.append(
                "\(what) (\(pointers.names)): tests and image get the pointer and not the content, because Slipway does "
                    + "not follow LFS; commit the content itself, or fetch it in the Dockerfile")
        }
        if submodules.count > 0 {
            let what =
                submodules.count == 1
                ? "1 submodule is an empty folder" : "\(submodules.count) submodules are empty folders"
            notes.append(
                "\(what) (\(submodules.names)) in tests and image, because Slipway does not follow submodules; commit the "
                    + "files themselves, or fetch them in the Dockerfile")
        }
        return notes
    }

    /// Why the tree is not unpacked, and what to do; nil: it may be.
    var refusal: String? {
        switch trouble {
        case nil: nil
        case .tooManyFiles:
            "it has more than \(bounds.files) files and folders, the bound that server.checkout.files sets; remove what "
                + "no build needs from the commit, or raise it"
        case .tooManyBytes:
            "its \(entries) files and folders are \(bytes) bytes"
                + (largest.map { ", the largest file \($0.path.shown) \($0.bytes)" } ?? "")
                + ", and server.checkout.bytes allows \(bounds.bytes); remove what no build needs from the commit, or raise it"
        case .pathTooLong(let path):
            "the path \(path.shown) is too long for this machine (255 bytes a name, \(longestPath) in all); rename it"
        case .malformedPath(let path):
            "the path \(path.shown) is malformed: it has an empty name, `.`, `..` or `.git` in it, which git itself never writes"
        }
    }
}

extension [UInt8] {
    fileprivate var shown: String { String(decoding: self, as: UTF8.self).singleLine(limit: 100) }
}

import SlipwayBase
import SlipwayCore
import Yams

/// What one reading of the file shares: where variables come from, what was found wrong, and what must stay hidden.
final class Reading {
    let environment: Environment
    /// Relative paths of this machine begin here: the folder of the configuration file.
    let folder: String
    private(set) var problems: [ConfigurationError.Problem] = []
    private(set) var warnings: [ConfigurationError.Problem] = []
    /// Of secrets, which is for the caller to judge.
    private(set) var weaknesses: [ConfigurationError.Problem] = []
    private(set) var hidden: [Secret] = []

    init(environment: Environment, folder: String) {
        self.environment = environment
        self.folder = folder
    }

    func report(_ message: String, line: Int?) {
        problems.append(ConfigurationError.Problem(line: line, message: message))
    }

    /// For what works and should be changed.
    func warn(_ message: String, line: Int?) {
        warnings.append(ConfigurationError.Problem(line: line, message: message))
    }

    func report(_ weakness: Weakness, of path: String, line: Int) {
        weaknesses.append(ConfigurationError.Problem(line: line, message: "\(path): \(weakness.sentence)"))
    }

    /// Settles what becomes of the weak secrets.
    func close(_ weak: WeakSecrets, isFirstStart: Bool) {
        if weak == .refused || weak == .refusedAtFirstStart && isFirstStart {
            problems += weaknesses
        } else {
            warnings += weaknesses.map { weakness in
                var warning = weakness
                warning.message += "; `check` refuses it, and so will the next version"
                return warning
            }
        }
    }

    /// Mappings merged so far. Each may merge others, twice and more: a small file can ask for more than any time is
    /// enough for.
    private var merges = 0
    private static let mostMerges = 1000

    func mayMerge() -> Bool {
        merges += 1
        if merges == Self.mostMerges + 1 { report("merges more than \(Self.mostMerges) mappings by <<", line: nil) }
        return merges <= Self.mostMerges
    }

    func hide(_ text: String) {
        let secret = Secret(text)
        if !text.isEmpty, !hidden.contains(secret) { hidden.append(secret) }
    }
}

/// A mapping of the file that is read key by key.
///
/// Each key that is asked for becomes a known one; `close` then reports the rest. So the code that reads a section is
/// also its schema.
final class Section {
    /// `server.tokens[0]`; empty for the whole file.
    let path: String
    let line: Int
    private let reading: Reading
    private var values: [(key: String, value: Value)] = []
    private var known: [String] = []

    init(_ mapping: Node.Mapping, path: String, line: Int, reading: Reading) {
        self.path = path
        self.line = line
        self.reading = reading
        for (key, node) in mapping where !key.isMerge { add(key, node) }
        for (key, node) in mapping where key.isMerge { merge(node, line: key.mark?.line ?? line) }
    }

    /// YAML's merge key: the keys of one or several anchors, where nothing before says otherwise. What stands in the
    /// section comes first, then an earlier anchor before a later one, and an anchor's own keys before what it merges.
    private func merge(_ node: Node, line: Int) {
        switch node {
        case .mapping(let mapping):
            guard reading.mayMerge() else { return }
            for (key, node) in mapping where !key.isMerge {
                let isSaid = values.contains { $0.key == key.scalar?.string }
                if !isSaid { add(key, node) }
            }
            for (key, node) in mapping where key.isMerge { merge(node, line: line) }
        case .sequence(let nodes) where nodes.allSatisfy({ $0.mapping != nil }):
            for node in nodes { merge(node, line: line) }
        case .sequence, .scalar, .alias:
            reading.report(
                "\(path.isEmpty ? "" : path + ".")<<: merges a mapping or a list of mappings, as in <<: [*a, *b]",
                line: line)
        }
    }

    private func add(_ key: Node, _ node: Node) {
        let line = key.mark?.line ?? line
        guard let name = key.scalar?.string else {
            reading.report("\(path.isEmpty ? "a key" : path): keys are single words", line: line)
            return
        }
        let value = Value(path: path.isEmpty ? name : "\(path).\(name)", line: line, node: node, reading: reading)
        guard !values.contains(where: { $0.key == name }) else {
            value.report("stands here twice")
            return
        }
        values.append((name, value))
    }

    /// The value of a key that may be left out. A key with nothing behind it is an error, not a default.
    subscript(key: String) -> Value? {
        known.append(key)
        guard let value = values.first(where: { $0.key == key })?.value else { return nil }
        guard !value.isMissing else {
            value.report("has no value")
            return nil
        }
        return value
    }

    func required(_ key: String) -> Value? {
        let isThere = values.contains { $0.key == key }
        if !isThere { report("\(key) is missing") }
        return self[key]
    }

    /// A key that is reserved, and that this version does not know what to do with.
    func refuse(_ key: String) {
        known.append(key)
        values.first { $0.key == key }?.value.report("not supported by this version yet")
    }

    /// All keys and values, for sections whose keys are names that the file chooses.
    var entries: [(key: String, value: Value)] {
        known += values.map(\.key)
        return values.compactMap { entry in self[entry.key].map { (entry.key, $0) } }
    }

    func report(_ message: String) {
        reading.report(path.isEmpty ? message : "\(path): \(message)", line: line)
    }

    /// About a key that may be missing.
    func warn(of key: String, _ message: String) {
        reading.warn("\(path).\(key): \(message)", line: values.first { $0.key == key }?.value.line ?? line)
    }

    /// Reports every key that was not asked for.
    func close() {
        for (key, value) in values where !known.contains(key) {
            let near = key.nearest(of: known).map { "did you mean `\($0)`?" }
            value.report("unknown key; " + (near ?? "known here: " + known.joined(separator: ", ")))
        }
    }
}

extension Node {
    /// `<<` as YAML's merge key; in quotes it is a word like any other.
    fileprivate var isMerge: Bool { scalar.map { $0.string == "<<" && $0.style == .plain } ?? false }
}

import SlipwayCore

/// How the containers of an instance's steps are named, by which they are found again.
enum StepContainer {
    static func prefix(of instance: String) -> String { "slipway-\(instance.prefix(12))-" }

    static func name(instance: String, job: JobID, step: Step.Name) -> String {
        prefix(of: instance) + "\(job)-\(step.rawValue)"
    }

    /// Whether a container has such a name, to the letter.
    static func isOne(_ name: String, of instance: String) -> Bool {
        guard name.hasPrefix(prefix(of: instance)) else { return false }
        let rest = name.dropFirst(prefix(of: instance).count).split(separator: "-", omittingEmptySubsequences: false)
        return rest.count == 2 && !rest[0].isEmpty && rest[0].utf8.allSatisfy { (0x30...0x39).contains($0) }
            && Step.Name(rawValue: String(rest[1])) != nil
    }
}

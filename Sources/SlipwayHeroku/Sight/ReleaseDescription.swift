/// What a release's description says that it has changed.
enum ReleaseDescription: Sendable, Equatable {
    /// `Deployed web, worker (142013fe2b5c)`
    case deployed(types: [String], digits: String)
    /// `Removed worker`, after `heroku container:rm`; that Heroku says so is not verified.
    case removed(types: [String])
    /// `Rollback to v7`
    case rollback(version: Int)
    /// A change of config vars or add-ons, which keeps the images.
    case kept
    /// Anything else, such as a build on Heroku (`Deploy 48141bb0`).
    case unknown

    init(_ text: String) {
        if let match = text.wholeMatch(of: /Deployed (.+) \(([0-9a-f]{12})\)/) {
            self = .deployed(types: Self.types(match.1), digits: String(match.2))
        } else if let match = text.wholeMatch(of: /Removed (.+)/) {
            self = .removed(types: Self.types(match.1))
        } else if let match = text.wholeMatch(of: /Rollback to v(\d+)/), let version = Int(match.1) {
            self = .rollback(version: version)
        } else {
            self = Self.keeping.contains { text.hasPrefix($0) } ? .kept : .unknown
        }
    }

    private static func types(_ words: Substring) -> [String] {
        words.split { $0 == "," || $0 == " " }.map(String.init).filter { $0 != "and" }
    }

    /// `Set A, B config vars`, `Remove A config vars`, `Attach DATABASE (…)`, `Add …`, `Update …`, and what every new app
    /// begins with.
    private static let keeping = [
        "Set ", "Remove ", "Attach ", "Detach ", "Add ", "Update ", "Initial release", "Enable Logplex",
    ]

    var keepsImage: Bool { self == .kept }
}

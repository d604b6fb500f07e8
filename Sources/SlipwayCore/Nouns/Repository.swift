/// Where repositories are kept. Raw values are what a store keeps.
package enum Forge: String, Sendable, CaseIterable {
    case github
}

/// A repository as a delivery names it.
package struct Repository: Sendable, Hashable {
    /// What a forge knows it by, which outlives a rename. The number alone may be another repository's at another forge.
    package struct ID: Sendable, Hashable {
        package var forge: Forge
        package var number: Int64

        package init(_ forge: Forge, number: Int64) {
            self.forge = forge
            self.number = number
        }
    }

    package var forge: Forge
    /// nil: the delivery tells none.
    package var number: Int64?
    /// `owner/name`, which is what people configure.
    package var fullName: String

    package init(_ forge: Forge, number: Int64?, fullName: String) {
        self.forge = forge
        self.number = number
        self.fullName = fullName
    }

    package var id: ID? { number.map { ID(forge, number: $0) } }

    /// The same for two names of one repository: a forge tells no names apart by case.
    package var key: String { "\(forge.rawValue):\(fullName.lowercased())" }
}

extension App {
    /// The app's repository, as it is configured: without its number.
    package var configuredRepository: Repository { Repository(forge, number: nil, fullName: repository) }
}

extension [App] {
    /// The apps of a repository: those that are configured with its name. Where there is none, the repository may have been
    /// renamed since the configuration was written.
    /// - Parameter former: the app that the repository of this number belonged to when a delivery last named it.
    package func of(_ repository: Repository, former: @autoclosure () -> String? = nil) -> [App] {
        let named = filter { $0.configuredRepository.key == repository.key }
        guard named.isEmpty, let former = former() else { return named }
        return filter { $0.name == former }
    }
}

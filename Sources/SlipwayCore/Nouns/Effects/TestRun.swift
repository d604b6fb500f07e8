/// The app's tests, in a container of their own.
package struct TestRun: Sendable, Hashable, Codable {
    /// The container's name, by which it is removed.
    package var container: String
    /// The image it is made of, as the configuration names it.
    package var image: String
    /// A digest of what decides how is tested: tests of another recipe are not these.
    package var recipe: String

    package init(container: String, image: String, recipe: String) {
        self.container = container
        self.image = image
        self.recipe = recipe
    }
}

/// How a test script ended.
package struct TestExit: Sendable, Hashable, Codable {
    package var code: Int
    package var ranOutOfMemory: Bool

    package init(code: Int, ranOutOfMemory: Bool = false) {
        self.code = code
        self.ranOutOfMemory = ranOutOfMemory
    }

    package var isSuccess: Bool { code == 0 && !ranOutOfMemory }

    private enum CodingKeys: String, CodingKey {
        case code
        case ranOutOfMemory = "out_of_memory"
    }
}

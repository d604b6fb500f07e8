/// A part of a job's course: a step, what holds several of them, or what is done between two.
protocol JobPart: Sendable {
    /// In the order in which the queue lists them.
    var steps: [any JobStep] { get }

    /// - Returns: what the parts so far have produced, with this one's.
    /// - Throws: `JobFailure`, `EarlyEnd` or `CancellationError`.
    func go(_ run: JobRun, _ products: Products) async throws -> Products
}

extension JobPart {
    var steps: [any JobStep] { [] }
}

/// Writes a course as a list.
@resultBuilder
enum JobPartsBuilder {
    static func buildExpression(_ part: any JobPart) -> [any JobPart] { [part] }
    static func buildExpression(_ steps: [LiveStep]) -> [any JobPart] { steps.map(\.step) }
    static func buildBlock(_ parts: [any JobPart]...) -> [any JobPart] { parts.flatMap { $0 } }
    static func buildOptional(_ parts: [any JobPart]?) -> [any JobPart] { parts ?? [] }
    static func buildEither(first parts: [any JobPart]) -> [any JobPart] { parts }
    static func buildEither(second parts: [any JobPart]) -> [any JobPart] { parts }
}

extension [any JobPart] {
    var steps: [any JobStep] { flatMap(\.steps) }

    /// One after the other.
    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        var products = products
        for part in self { products = try await part.go(run, products) }
        return products
    }
}

/// Steps side by side. All must succeed; the first failure ends the others.
struct Beside: JobPart {
    private let parts: [any JobPart]

    init(@JobPartsBuilder _ parts: () -> [any JobPart]) {
        self.parts = parts()
    }

    var steps: [any JobStep] { parts.steps }

    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        try await withThrowingTaskGroup(of: Product.self) { group in
            // None sees what another produces.
            for step in parts.steps { group.addTask { try await run.take(step, products) } }
            var all = products
            // The first failure ends the group and with it the other steps.
            while let product = try await group.next() { try all.add(product) }
            return all
        }
    }
}

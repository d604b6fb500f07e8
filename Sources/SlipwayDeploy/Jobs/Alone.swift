import SlipwayCore

/// One job at a time at a place.
struct Alone: JobPart {
    private let place: Place
    private let parts: [any JobPart]

    init(at place: Place, @JobPartsBuilder _ parts: () -> [any JobPart]) {
        self.place = place
        self.parts = parts()
    }

    var steps: [any JobStep] { parts.steps }

    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        try await run.parts.releasing.withLock(place) { try await parts.go(run, products) }
    }
}

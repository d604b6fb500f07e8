import SlipwayCore

/// A job that has just released to the target that is promoted from must first have ended: what it has released is not
/// known to be good before.
struct Settled: JobPart {
    private let source: String

    init(_ source: String) {
        self.source = source
    }

    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        guard let target = run.app.target(named: source) else { return products }
        try await run.rest(run.parts.limits.lockPause) {
            let standing = try await run.parts.look.known(at: target, of: run.app.name)
            guard case .underWay(let job) = Promotion(from: source, standing) else { return nil }
            return "job \(job) has just released to \(source)"
        }
        return products
    }
}

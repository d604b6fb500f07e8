import Testing

/// One promise of every store, checked on a fresh one.
package struct StoreCheck: Sendable, CustomTestStringConvertible {
    private let promise: String
    private let kind: StoreKind
    private let body: @Sendable (StoreBench) async throws -> Void

    package var testDescription: String { "\(kind.name): \(promise)" }

    package func run() async throws { try await body(StoreBench(kind)) }

    /// All promises, for each of these kinds of store; but for those of a restart where a kind is lost with its server.
    package static func all(of kinds: [StoreKind]) -> [StoreCheck] {
        kinds.flatMap { kind in
            var list = List(kind: kind)
            ArchiveChecks.add(to: &list)
            ClaimChecks.add(to: &list)
            DeliveryChecks.add(to: &list)
            EndedSessionChecks.add(to: &list)
            EnqueueChecks.add(to: &list)
            JobLineChecks.add(to: &list)
            JobChecks.add(to: &list)
            PauseChecks.add(to: &list)
            RecoveryChecks.add(to: &list)
            ReleaseChecks.add(to: &list)
            StateChecks.add(to: &list)
            SupersedingChecks.add(to: &list)
            TargetHoldsChecks.add(to: &list)
            TipChecks.add(to: &list)
            WorkChecks.add(to: &list)
            return list.checks
        }
    }

    struct List {
        let kind: StoreKind
        private(set) var checks: [StoreCheck] = []

        init(kind: StoreKind) {
            self.kind = kind
        }

        /// - Parameter restarts: whether the check opens its store again, as the next server does.
        mutating func add(
            _ promise: String, restarts: Bool = false, _ body: @escaping @Sendable (StoreBench) async throws -> Void
        ) {
            guard kind.outlivesServer || !restarts else { return }
            checks.append(StoreCheck(promise: promise, kind: kind, body: body))
        }
    }
}

import SlipwayBase
import SlipwayCore
import Synchronization

/// A platform that says what a test says; at first that it cannot be asked.
final class WatchStub: PlatformWatch {
    private let store: any SightingStore
    private let answer = Mutex<Sighting.Answer?>(.cannotTell)

    init(_ store: any SightingStore) {
        self.store = store
    }

    /// - Parameter answer: nil: none comes.
    func put(_ answer: Sighting.Answer?) { self.answer.withLock { $0 = answer } }

    /// An image by its digits.
    func put(image digits: String, version: Int) {
        put(
            .running(
                Sighting.Running(version: version, origin: "r\(version)", since: .now(), clues: [.image(digits)])))
    }

    func look(at target: Target, of app: String) async throws -> Standing {
        guard let answer = answer.withLock({ $0 }) else { throw NoAnswer("Heroku could not be reached") }
        let mark = try await store.mark(of: target.place)
        try await store.record(
            Sighting(at: .now(), of: target.place, answer), app: app, target: target.name, since: mark)
        return try await store.standing(app: app, target: target, at: .now())
    }
}

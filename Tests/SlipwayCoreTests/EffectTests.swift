import Foundation
import SlipwayCore
import Testing

/// What the journal keeps of each kind of effect: databases that are in use hold it, so it stays readable.
struct EffectTests {
    private static let place = Place(platform: "heroku", name: "my-app")
    private static let image = "sha256:142013fe2b5c"
    private static let release = PlatformRelease(id: "0f1e2d3c", version: 8, wasAlreadyRunning: false)

    /// In each state, and with each outcome that looks different.
    private static func samples(_ kind: Effect.Kind) -> [Effect] {
        func states<Intent, Outcome>(
            _ effect: (Intent, Effect.Progress<Outcome>) -> Effect, _ intent: Intent, _ outcomes: Outcome...
        ) -> [Effect] {
            [effect(intent, .begun)] + outcomes.map { effect(intent, .done($0)) }
                + [effect(intent, .notDone(reason: "the engine is out of room"))]
        }
        return switch kind {
        case .test:
            states(
                Effect.test, TestRun(container: "slipway-4f3c-1-test", image: "elixir:1.9.4", recipe: "0123abcd"),
                TestExit(code: 0), TestExit(code: 137, ranOutOfMemory: true))
        case .build:
            states(Effect.build, BuildRun(tag: "slipway:my_app-48141bb", recipe: "0123abcd"), BuiltImageID(id: image))
        case .push:
            states(
                Effect.push, ImagePush(repository: "my-app/web", image: image), RegistryImage(image: image),
                RegistryImage(image: image, manifest: "sha256:9a8b7c6d5e4f"))
        case .release:
            states(
                Effect.release,
                ReleaseChange(place: place, images: ["web": image, "release": "sha256:5e4f"], versionBefore: 7),
                .made(release), .alreadyRunning)
        case .restart:
            states(
                Effect.restart,
                Restart(place: place, version: 8, instances: ["a1b2@2026-11-22T19:00:00Z"]),
                PlatformRelease(id: "0f1e2d3c", version: 8, wasAlreadyRunning: true))
        case .scale: states(Effect.scale, ScaleChange(place: place, type: "web", quantity: 1), Nothing())
        case .remove: states(Effect.remove, ImageRemoval(place: place, type: "release"), Nothing())
        case .runOneOff:
            states(
                Effect.runOneOff, OneOffRun(place: place, marker: "cafe", way: .attached, command: "/app/migrate"),
                .exited(code: 3, instance: "run.5"), .unknown(reason: "the connection broke", instance: "run.5"))
        case .followOneOff:
            states(Effect.followOneOff, OneOffFollow(marker: "cafe", instance: "run.5"), Nothing())
        }
    }

    @Test(arguments: Effect.Kind.allCases)
    func `each kind is kept as its file shows it`(kind: Effect.Kind) throws {
        let name = kind.rawValue
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Effects"), "no file of \(name)")
        let samples = Self.samples(kind)
        #expect(samples.allSatisfy { $0.kind == kind })
        #expect(Set(samples.map(\.state)) == Set(Effect.State.allCases))
        let file = try Data(contentsOf: url)
        #expect(try JSONDecoder().decode([Effect].self, from: file) == samples)
        #expect(try Self.sorted(JSONEncoder().encode(samples)) == Self.sorted(file), "\(name).json")
    }

    /// The same text for the same JSON.
    private static func sorted(_ json: Data) throws -> String {
        let object = try JSONSerialization.jsonObject(with: json)
        return String(
            decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
    }

    @Test func `there is no file of a kind that is gone`() throws {
        let folder = try #require(Bundle.module.url(forResource: "Effects", withExtension: nil))
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.sorted() == Effect.Kind.allCases.map { $0.rawValue + ".json" }.sorted())
    }

    @Test func `what is not understood is refused`() {
        for json in [
            #"{"kind": "juggle", "state": "begun", "intent": {}, "outcome": null}"#,
            #"{"kind": "push", "state": "begun", "intent": {"repository": "my-app/web"}, "outcome": null}"#,
            #"{"kind": "push", "state": "done", "intent": {"repository": "a", "image": "b"}, "outcome": null}"#,
        ] {
            #expect(throws: DecodingError.self, "\(json)") {
                try JSONDecoder().decode(Effect.self, from: Data(json.utf8))
            }
        }
    }
}

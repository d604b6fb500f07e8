import Logging
import SlipwayBase
import SlipwayCore
import Synchronization

@testable import SlipwayDeploy

/// A platform that only says what runs.
final class AnsweringPlatform: PlatformKind {
    let name = "heroku"
    private let answers: Mutex<[String: Sighting.Answer]>
    private let questions = Mutex<[String]>([])

    /// - Parameter answers: by the name of the place; of another one it says nothing.
    init(_ answers: [String: Sighting.Answer] = [:]) {
        self.answers = Mutex(answers)
    }

    var asked: [String] { questions.withLock { $0 } }

    func put(_ answer: Sighting.Answer?, at place: String) { answers.withLock { $0[place] = answer } }

    func whatRuns(
        at target: Target, _ configuration: Configuration, insists: Bool, _ logger: Logger
    ) async throws -> Sighting.Answer {
        questions.withLock { $0.append(target.place.name) }
        guard let answer = answers.withLock({ $0[target.place.name] }) else {
            throw NoAnswer("Heroku could not be reached")
        }
        return answer
    }

    func stepsToGoLive(at target: Target) -> [LiveStep] { [.release] }
    func questions(_ configuration: Configuration) -> [PlatformQuestion] { [] }
    func platform(for target: Target, _ configuration: Configuration, _ tools: JobTools) throws -> any Platform {
        throw StepFailure("it only says what runs")
    }
}

extension Sighting.Answer {
    /// An image that only its digits tell.
    static func image(_ digits: String, version: Int = 1) -> Sighting.Answer {
        .running(
            Sighting.Running(
                version: version, origin: "r\(version)", since: .now(),
                clues: [.release("r\(version)"), .image(digits)]))
    }
}

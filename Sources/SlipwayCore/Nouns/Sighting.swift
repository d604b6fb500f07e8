package import SlipwayBase

/// What a platform has answered when it was asked what runs at a target.
package struct Sighting: Sendable, Hashable {
    /// When the question was asked.
    package var at: Timestamp
    /// Where: a target may have got another place since.
    package var place: Place
    package var answer: Answer

    package init(at: Timestamp, of place: Place, _ answer: Answer) {
        self.at = at
        self.place = place
        self.answer = answer
    }

    package enum Answer: Sendable, Hashable {
        /// This platform cannot be asked: Slipway's own records are all there is.
        case cannotTell
        /// Nothing was ever released there.
        case nothing
        case running(Running)
    }

    /// What runs, in no platform's words.
    package struct Running: Sendable, Hashable {
        /// Of the current release.
        package var version: Int
        /// The platform's id of the release with which the image came: a change of the configuration makes a release, too,
        /// and keeps the image.
        package var origin: String
        /// When that was made.
        package var since: Timestamp
        /// What the platform calls that release, on one line, and whose account made it.
        package var words: String?
        package var account: String?
        /// By what its image may be known, the surest first; empty: by nothing.
        package var clues: [Clue]
        /// Why it does not run, in words; nil: as far as the platform sees, it does.
        package var trouble: String?

        package init(
            version: Int, origin: String, since: Timestamp, words: String? = nil, account: String? = nil,
            clues: [Clue], trouble: String? = nil
        ) {
            self.version = version
            self.origin = origin
            self.since = since
            self.words = words
            self.account = account
            self.clues = clues
            self.trouble = trouble
        }
    }

    package enum Clue: Sendable, Hashable {
        /// A release at this place, by the platform's id, that has the same image.
        case release(String)
        /// The first twelve digits of its config digest.
        case image(String)
    }
}

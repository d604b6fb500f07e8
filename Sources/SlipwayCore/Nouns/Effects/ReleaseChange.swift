/// A change of the images that run at a place.
package struct ReleaseChange: Sendable, Hashable, Codable {
    package var place: Place
    /// By process type, each as its config digest (`sha256:…`).
    package var images: [String: String]
    /// Of the latest release before the change, by which the new one is told from it; 0: there was none.
    package var versionBefore: Int

    package init(place: Place, images: [String: String], versionBefore: Int) {
        self.place = place
        self.images = images
        self.versionBefore = versionBefore
    }

    private enum CodingKeys: String, CodingKey {
        case place, images
        case versionBefore = "version_before"
    }
}

/// What the platform made of a change.
package enum ReleaseOutcome: Sendable, Hashable {
    case made(PlatformRelease)
    /// No release, because these images run there already.
    case alreadyRunning
}

/// `{"made": {…}}`, or `{"made": null}`.
extension ReleaseOutcome: Codable {
    private enum CodingKeys: String, CodingKey {
        case made
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .made(let release): try fields.encode(release, forKey: .made)
        case .alreadyRunning: try fields.encodeNil(forKey: .made)
        }
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let made = try fields.decode(PlatformRelease?.self, forKey: .made)
        self = made.map(ReleaseOutcome.made) ?? .alreadyRunning
    }
}

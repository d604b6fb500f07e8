/// Why the registry's word on an image cannot be used.
enum RegistryError: Error, Sendable, Hashable {
    case unreachable(host: String, reason: String)
    case refused(repository: String, status: Int, said: String, retryAfter: Duration? = nil)
    case notSchema2(repository: String, mediaType: String)
    case otherImage(repository: String, expected: String, found: String)
}

extension RegistryError {
    /// Whether the same may succeed a moment later.
    var isTransient: Bool {
        switch self {
        case .unreachable: true
        case .refused(_, let status, _, _): status >= 500 || status == 429
        case .notSchema2, .otherImage: false
        }
    }

    /// What the registry asks to be given.
    var retryAfter: Duration? {
        if case .refused(_, _, _, let pause) = self { pause } else { nil }
    }
}

extension RegistryError: CustomStringConvertible {
    var description: String {
        switch self {
        case .unreachable(let host, let reason): "the registry \(host) does not answer: \(reason)"
        case .refused(let repository, let status, let said, _):
            "the registry refuses to show \(repository) (\(status): \(said))"
                + (status == 401 || status == 403 ? "; check heroku.api_key" : "")
        case .notSchema2(let repository, let mediaType):
            "\(repository) has a manifest of type \(mediaType), Heroku takes Docker schema 2 only:"
                + " turn the engine's containerd image store off"
        case .otherImage(let repository, let expected, let found):
            "\(repository):latest is image \(found), not the pushed \(expected): something else pushes there"
        }
    }
}

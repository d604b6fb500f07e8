import SlipwayBase

/// One version of an app: images and config vars together.
struct SandboxRelease: Sendable {
    enum Status: String, Sendable {
        case pending, succeeded, failed, expired
    }

    let id = makeIdentifier()
    let version: Int
    var description: String
    var images: [String: ImageReference]
    var configVars: [String: String]
    var status: Status = .pending
    /// Where its release phase writes; nil without one.
    var output: OutputChannel?
    /// Dynos that are still refused right after this release (docs/heroku.md, 3.1).
    var conflictsLeft: Int
    let createdAt = Timestamp.now()
    var updatedAt = Timestamp.now()

    init(
        version: Int, description: String, images: [String: ImageReference], configVars: [String: String],
        conflicts: Int = 0
    ) {
        self.version = version
        self.description = description
        self.images = images
        self.configVars = configVars
        conflictsLeft = conflicts
    }

    var reference: JSON { ["id": .string(id), "version": .integer(version)] }

    /// - Parameter output: the URL of its output, where it has one.
    func json(of app: SandboxApp, user: JSON, output: String?) -> JSON {
        [
            "addon_plan_names": [], "app": app.reference,
            // Container releases have no slug, which is why Heroku cannot retry them (docs/heroku.md, T19).
            "artifacts": .array(
                images.values.sorted { $0.config < $1.config }.map { ["type": "oci-image", "id": .string($0.id)] }),
            "slug": .null, "created_at": .string(createdAt.apiText), "updated_at": .string(updatedAt.apiText),
            "description": .string(description), "id": .string(id), "status": .string(status.rawValue),
            "user": user, "version": .integer(version), "current": .bool(app.currentVersion == version),
            "output_stream_url": .optional(output),
            "eligible_for_rollback": .bool(status == .succeeded && !images.isEmpty),
        ]
    }
}

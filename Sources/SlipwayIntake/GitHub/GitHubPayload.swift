/// The few fields of GitHub's payloads that decide a deploy.
///
/// Everything is optional and read by itself: the same field has different types in different events
/// (`repository.created_at` is a number in a push and a string elsewhere), and GitHub adds to payloads at any time. A
/// value of another type counts as missing: what matters is checked where it is used.
struct GitHubPayload: Sendable {
    var ref: String?
    var after: String?
    var deleted: Bool?
    var action: String?
    var repository: RepositoryFields?
    var headCommit: CommitFields?
    var pusher: PersonFields?
    var sender: PersonFields?
    var release: ReleaseFields?
    var hook: HookFields?

    struct RepositoryFields: Sendable {
        var id: Int64?
        var fullName: String?
    }

    struct CommitFields: Sendable {
        var id: String?
        var message: String?
        var author: PersonFields?
    }

    struct PersonFields: Sendable {
        var name: String?
        var login: String?
    }

    struct ReleaseFields: Sendable {
        var tagName: String?
        var name: String?
        var draft: Bool?
        var prerelease: Bool?
    }

    struct HookFields: Sendable {
        var events: [String]?
    }

    /// - Throws: `JSONWalker.Malformed` for what is no JSON object.
    init(json: UnsafeRawBufferPointer) throws {
        var walker = JSONWalker(json)
        try walker.document { name, value in
            switch name {
            case "ref": ref = try value.string()
            case "after": after = try value.string()
            case "deleted": deleted = try value.boolean()
            case "action": action = try value.string()
            case "repository": repository = try value.fields(RepositoryFields())
            case "head_commit": headCommit = try value.fields(CommitFields())
            case "pusher": pusher = try value.fields(PersonFields())
            case "sender": sender = try value.fields(PersonFields())
            case "release": release = try value.fields(ReleaseFields())
            case "hook": hook = try value.fields(HookFields())
            default: try value.skip()
            }
        }
    }
}

extension GitHubPayload.RepositoryFields: JSONFields {
    mutating func take(_ name: JSONWalker.Name, _ value: inout JSONWalker) throws {
        switch name {
        case "id": id = try value.integer()
        case "full_name": fullName = try value.string()
        default: try value.skip()
        }
    }
}

extension GitHubPayload.CommitFields: JSONFields {
    mutating func take(_ name: JSONWalker.Name, _ value: inout JSONWalker) throws {
        switch name {
        case "id": id = try value.string()
        case "message": message = try value.string()
        case "author": author = try value.fields(GitHubPayload.PersonFields())
        default: try value.skip()
        }
    }
}

extension GitHubPayload.PersonFields: JSONFields {
    mutating func take(_ member: JSONWalker.Name, _ value: inout JSONWalker) throws {
        switch member {
        case "name": name = try value.string()
        case "login": login = try value.string()
        default: try value.skip()
        }
    }
}

extension GitHubPayload.ReleaseFields: JSONFields {
    mutating func take(_ member: JSONWalker.Name, _ value: inout JSONWalker) throws {
        switch member {
        case "tag_name": tagName = try value.string()
        case "name": name = try value.string()
        case "draft": draft = try value.boolean()
        case "prerelease": prerelease = try value.boolean()
        default: try value.skip()
        }
    }
}

extension GitHubPayload.HookFields: JSONFields {
    mutating func take(_ name: JSONWalker.Name, _ value: inout JSONWalker) throws {
        switch name {
        case "events": events = try value.strings()
        default: try value.skip()
        }
    }
}

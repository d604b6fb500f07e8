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
            case "repository": repository = try RepositoryFields(&value)
            case "head_commit": headCommit = try CommitFields(&value)
            case "pusher": pusher = try PersonFields(&value)
            case "sender": sender = try PersonFields(&value)
            case "release": release = try ReleaseFields(&value)
            case "hook": hook = try HookFields(&value)
            default: try value.skip()
            }
        }
    }
}

// nil where the value is no object.

extension GitHubPayload.RepositoryFields {
    fileprivate init?(_ value: inout JSONWalker) throws {
        let isObject = try value.object { name, value in
            switch name {
            case "id": id = try value.integer()
            case "full_name": fullName = try value.string()
            default: try value.skip()
            }
        }
        guard isObject else { return nil }
    }
}

extension GitHubPayload.CommitFields {
    fileprivate init?(_ value: inout JSONWalker) throws {
        let isObject = try value.object { name, value in
            switch name {
            case "id": id = try value.string()
            case "message": message = try value.string()
            case "author": author = try GitHubPayload.PersonFields(&value)
            default: try value.skip()
            }
        }
        guard isObject else { return nil }
    }
}

extension GitHubPayload.PersonFields {
    fileprivate init?(_ value: inout JSONWalker) throws {
        let isObject = try value.object { member, value in
            switch member {
            case "name": name = try value.string()
            case "login": login = try value.string()
            default: try value.skip()
            }
        }
        guard isObject else { return nil }
    }
}

extension GitHubPayload.ReleaseFields {
    fileprivate init?(_ value: inout JSONWalker) throws {
        let isObject = try value.object { member, value in
            switch member {
            case "tag_name": tagName = try value.string()
            case "name": name = try value.string()
            default: try value.skip()
            }
        }
        guard isObject else { return nil }
    }
}

extension GitHubPayload.HookFields {
    fileprivate init?(_ value: inout JSONWalker) throws {
        let isObject = try value.object { name, value in
            switch name {
            case "events": events = try value.strings()
            default: try value.skip()
            }
        }
        guard isObject else { return nil }
    }
}

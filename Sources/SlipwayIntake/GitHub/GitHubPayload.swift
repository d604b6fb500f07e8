import Foundation

/// The few fields of GitHub's payloads that decide a deploy.
///
/// Everything is optional and read by itself: the same field has different types in different events
/// (`repository.created_at` is a number in a push and a string elsewhere), and GitHub adds to payloads at any time.
struct GitHubPayload: Decodable, Sendable {
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

    struct RepositoryFields: Decodable, Sendable {
        var id: Int64?
        var fullName: String?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: FieldName.self)
            id = fields.value("id")
            fullName = fields.value("full_name")
        }
    }

    struct CommitFields: Decodable, Sendable {
        var id: String?
        var message: String?
        var author: PersonFields?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: FieldName.self)
            id = fields.value("id")
            message = fields.value("message")
            author = fields.value("author")
        }
    }

    struct PersonFields: Decodable, Sendable {
        var name: String?
        var login: String?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: FieldName.self)
            name = fields.value("name")
            login = fields.value("login")
        }
    }

    struct ReleaseFields: Decodable, Sendable {
        var tagName: String?
        var name: String?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: FieldName.self)
            tagName = fields.value("tag_name")
            name = fields.value("name")
        }
    }

    struct HookFields: Decodable, Sendable {
        var events: [String]?

        init(from decoder: any Decoder) throws {
            events = try decoder.container(keyedBy: FieldName.self).value("events")
        }
    }

    init(json: UnsafeRawBufferPointer) throws {
        guard let start = json.baseAddress else { throw CocoaError(.coderReadCorrupt) }
        // Only lent: what is decoded is copied out of it.
        let data = Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: json.count, deallocator: .none)
        self = try JSONDecoder().decode(GitHubPayload.self, from: data)
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: FieldName.self)
        ref = fields.value("ref")
        after = fields.value("after")
        deleted = fields.value("deleted")
        action = fields.value("action")
        repository = fields.value("repository")
        headCommit = fields.value("head_commit")
        pusher = fields.value("pusher")
        sender = fields.value("sender")
        release = fields.value("release")
        hook = fields.value("hook")
    }
}

private struct FieldName: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer where Key == FieldName {
    /// nil also for a value of another type: what matters is checked where it is used.
    fileprivate func value<Value: Decodable>(_ name: String) -> Value? {
        try? decodeIfPresent(Value.self, forKey: FieldName(stringValue: name))
    }
}

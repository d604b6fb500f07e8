import SlipwayBase

/// As it is kept: `{}` where nothing can be told, `{"running": null}` where nothing runs.
extension Sighting.Answer: Codable {
    private enum CodingKeys: String, CodingKey {
        case running
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .cannotTell: break
        case .nothing: try fields.encodeNil(forKey: .running)
        case .running(let running): try fields.encode(running, forKey: .running)
        }
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        guard fields.contains(.running) else {
            self = .cannotTell
            return
        }
        self = try fields.decode(Sighting.Running?.self, forKey: .running).map(Self.running) ?? .nothing
    }
}

extension Sighting.Running: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, origin, since, words, account, clues, trouble
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(version, forKey: .version)
        try fields.encode(origin, forKey: .origin)
        try fields.encode(since.milliseconds, forKey: .since)
        try fields.encodeIfPresent(words, forKey: .words)
        try fields.encodeIfPresent(account, forKey: .account)
        try fields.encode(clues, forKey: .clues)
        try fields.encodeIfPresent(trouble, forKey: .trouble)
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            version: try fields.decode(Int.self, forKey: .version),
            origin: try fields.decode(String.self, forKey: .origin),
            since: Timestamp(milliseconds: try fields.decode(Int64.self, forKey: .since)),
            words: try fields.decodeIfPresent(String.self, forKey: .words),
            account: try fields.decodeIfPresent(String.self, forKey: .account),
            clues: try fields.decode([Sighting.Clue].self, forKey: .clues),
            trouble: try fields.decodeIfPresent(String.self, forKey: .trouble))
    }
}

/// `{"release": "…"}` or `{"image": "…"}`.
extension Sighting.Clue: Codable {
    private enum CodingKeys: String, CodingKey {
        case release, image
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .release(let id): try fields.encode(id, forKey: .release)
        case .image(let digits): try fields.encode(digits, forKey: .image)
        }
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        if let id = try fields.decodeIfPresent(String.self, forKey: .release) {
            self = .release(id)
        } else {
            self = .image(try fields.decode(String.self, forKey: .image))
        }
    }
}

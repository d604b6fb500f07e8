import SlipwayBase

extension Platform {
    /// One change of a formation PATCH.
    private struct FormationUpdate {
        var type: String
        var quantity: Int?
        var size: String?
        var command: String?
        /// `.some(nil)`: the type loses its image.
        var image: ImageReference??
    }

    func formation(of app: SandboxApp) -> JSON {
        .array(app.formation.values.sorted { $0.type < $1.type }.map { formationJSON($0, of: app, variant: nil) })
    }

    func formationType(_ type: String, of app: SandboxApp) throws(APIError) -> JSON {
        guard let entry = app.formation[type] else { throw .notFound("formation") }
        return formationJSON(entry, of: app, variant: nil)
    }

    private func formationJSON(_ entry: FormationType, of app: SandboxApp, variant: String?) -> JSON {
        let image = app.newest?.images[entry.type]
        guard variant == "docker-releases", case .object(var fields) = entry.json(of: app, image: image) else {
            return entry.json(of: app, image: image)
        }
        fields["docker_image"] = image.map { ["id": .string($0.id)] } ?? .null
        return .object(fields)
    }

    /// PATCH of a formation: images make a release, quantities scale what runs.
    /// - Parameter updates: objects of `type`, `quantity`, `size` or `dyno_size`, and with the variant `docker-releases`
    ///   `docker_image` and `command`.
    /// - Returns: the types that were named, and what to warn of.
    func changeFormation(_ identity: String, _ updates: [JSON], variant: String?) async throws -> (JSON, String?) {
        let app = try app(identity)
        var parsed: [FormationUpdate] = []
        for update in updates { parsed.append(try await parse(update, of: app, variant: variant)) }
        for image in Set(parsed.compactMap { $0.image ?? nil }) {
            do {
                try await docker.pull("\(settings.registry)/\(image.repository)@\(image.manifest)")
            } catch let error as SandboxError {
                throw APIError.invalid("The image \(image.config) cannot be pulled: \(error)")
            }
        }
        // The app may have changed while the registry was asked.
        let warning = release(parsed, of: app.id)
        scale(parsed, of: app.id)
        let changed = try self.app(app.id)
        let named = parsed.compactMap { changed.formation[$0.type] }
        return (.array(named.map { formationJSON($0, of: changed, variant: variant) }), warning)
    }

    private func parse(_ update: JSON, of app: SandboxApp, variant: String?) async throws -> FormationUpdate {
        guard let type = update["type"]?.string, FormationType.isValid(type: type) else {
            throw APIError.invalid("type is invalid")
        }
        var parsed = FormationUpdate(type: type)
        if let quantity = update["quantity"] {
            guard let number = quantity.integer, (0...100).contains(number) else {
                throw APIError.invalid("quantity must be a whole number from 0 to 100")
            }
            parsed.quantity = number
        }
        parsed.size = update["size"]?.string ?? update["dyno_size"]?["name"]?.string
        guard let image = update["docker_image"] else {
            guard parsed.quantity == nil || app.formation[type] != nil || app.newest?.images[type] != nil else {
                throw APIError.notFound("process type")
            }
            return parsed
        }
        guard variant == "docker-releases" else {
            throw APIError.invalid("docker_image needs Accept: application/vnd.heroku+json; version=3.docker-releases")
        }
        if behaviour.value.requiresContainerStack, app.buildStack != "container" {
            throw APIError.invalid(
                "This app is on the \(app.buildStack) stack; Docker images need the container stack.")
        }
        if behaviour.value.acceptsCommandOverride { parsed.command = update["command"]?.string }
        if image == .null {
            guard app.formation[type] != nil else { throw APIError.notFound("formation") }
            parsed.image = .some(nil)
            return parsed
        }
        guard let digest = Self.digest(image.string) else { throw APIError.invalid("docker_image is not an image id") }
        switch try await images.find(digest, app: app.name, type: type) {
        case .found(let image): parsed.image = image
        case .refused(let mediaType):
            throw APIError.invalid("The image is of an unsupported media type: \(mediaType)")
        case .missing:
            throw APIError(
                behaviour.value.unknownImageStatus,
                id: behaviour.value.unknownImageStatus == 404 ? "not_found" : "invalid_params",
                message: "Couldn't find the docker image \(digest) of process type \(type).")
        }
        return parsed
    }

    /// With or without the prefix, as clients send it.
    static func digest(_ text: String?) -> String? {
        guard let text else { return nil }
        let digits = text.hasPrefix("sha256:") ? text.dropFirst("sha256:".count) : text[...]
        guard digits.utf8.count == 64, digits.allSatisfy(\.isHexDigit) else { return nil }
        return "sha256:" + digits.lowercased()
    }

    /// - Returns: a warning about types whose image runs already: nothing was done for them.
    private func release(_ updates: [FormationUpdate], of id: String) -> String? {
        guard let app = apps[id] else { return nil }
        var images = app.newest?.images ?? [:]
        var changed: [FormationUpdate] = []
        var same: [String] = []
        for update in updates {
            guard let image = update.image else { continue }
            let command = update.command ?? app.formation[update.type]?.command
            if images[update.type]?.config == image?.config, command == app.formation[update.type]?.command {
                same.append(update.type)
            } else {
                images[update.type] = image
                changed.append(update)
            }
        }
        if !changed.isEmpty {
            _ = self.update(id) { app in
                for update in changed {
                    if update.image == .some(nil), !behaviour.value.removedTypesStay {
                        app.formation[update.type] = nil
                        continue
                    }
                    let web = update.type == "web" ? behaviour.value.newAppWebQuantity : 0
                    var entry = app.formation[update.type] ?? FormationType(type: update.type, quantity: web)
                    entry.command = update.command ?? entry.command
                    app.formation[update.type] = entry
                }
                app.effects.imageReleases += 1
            }
            let types = changed.map(\.type).joined(separator: ", ")
            let shortID = changed.lazy.compactMap { $0.image ?? nil }.first?.shortID
            makeRelease(
                of: id, description: shortID.map { "Deployed \(types) (\($0))" } ?? "Removed \(types)", images: images)
        }
        guard !same.isEmpty else { return nil }
        if changed.isEmpty { _ = self.update(id) { $0.effects.unchangedImageReleases += 1 } }
        return same.map {
            "The process type \($0) was not updated, because it is already running the specified docker image."
        }.joined(separator: " ")
    }

    private func scale(_ updates: [FormationUpdate], of id: String) {
        for update in updates where update.quantity != nil || update.size != nil {
            let grown = self.update(id) { app in
                var entry = app.formation[update.type] ?? FormationType(type: update.type, quantity: 0)
                let before = entry.quantity
                entry.quantity = update.quantity ?? entry.quantity
                entry.size = update.size ?? entry.size
                entry.updatedAt = .now()
                app.formation[update.type] = entry
                if entry.quantity != before { app.effects.scalings += 1 }
                return entry.quantity - before
            }
            if grown != 0 { fitDynos(of: update.type, id) }
        }
    }
}

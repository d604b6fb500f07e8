import SlipwayDeploy
import SlipwayHTTP

extension HerokuAPI {
    func formation(_ app: String) async throws -> [FormationResource] {
        try await value(
            [FormationResource].self,
            of: HerokuCall(method: .get, path: app.appPath + "/formation", doing: "reading the formation of \(app)"))
    }

    /// One PATCH with all types makes one release. Harmless to repeat: images that run already make none.
    func setImages(_ images: [ProcessImage], of app: String) async throws -> HerokuAnswer {
        struct Update: Encodable {
            var type: String
            var docker_image: String
        }
        return try await send(
            HerokuCall(
                method: .patch, path: app.appPath + "/formation",
                doing: "releasing \(images.map(\.type).joined(separator: ", ")) of \(app)",
                body: try ["updates": images.map { Update(type: $0.type, docker_image: $0.image) }].json,
                variant: .dockerReleases))
    }

    /// Takes the image of a process type away, as `heroku container:rm` does.
    func removeImage(of type: String, _ app: String) async throws {
        _ = try await send(
            HerokuCall(
                method: .patch, path: app.appPath + "/formation/" + PercentCoding.encode(type),
                doing: "removing the image of type \(type) of \(app)", body: Array(#"{"docker_image":null}"#.utf8),
                variant: .dockerReleases))
    }

    func scale(_ type: String, of app: String, to quantity: Int) async throws {
        struct Update: Encodable {
            var type: String
            var quantity: Int
        }
        _ = try await send(
            HerokuCall(
                method: .patch, path: app.appPath + "/formation", doing: "scaling \(type) of \(app) to \(quantity)",
                body: try ["updates": [Update(type: type, quantity: quantity)]].json))
    }
}

import SlipwayHTTP

extension HerokuAPI {
    /// Behind so many failed ones the current release is still found; one answer of Heroku's has up to 1,000.
    static let manyReleases = 200

    /// Newest first.
    func releases(_ app: String, latest count: Int) async throws -> [ReleaseResource] {
        let releases = try await value(
            [ReleaseResource].self,
            of: HerokuCall(
                method: .get, path: app.appPath + "/releases", doing: "reading the releases of \(app)",
                range: "version ..; max=\(count), order=desc"))
        return releases.sorted { $0.version > $1.version }
    }

    func release(_ id: String, of app: String) async throws -> ReleaseResource {
        try await value(
            ReleaseResource.self,
            of: HerokuCall(
                method: .get, path: app.appPath + "/releases/" + PercentCoding.encode(id),
                doing: "reading a release of \(app)"))
    }
}

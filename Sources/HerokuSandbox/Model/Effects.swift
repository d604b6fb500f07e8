/// What has really happened to an app: a client that repeats an effect is seen here.
package struct Effects: Sendable, Hashable {
    /// Releases by a formation PATCH.
    package var imageReleases = 0
    /// Formation PATCHes whose images were all running already.
    package var unchangedImageReleases = 0
    package var configReleases = 0
    package var rollbacks = 0
    /// Runs of the release image.
    package var releasePhases = 0
    /// One-off dynos made.
    package var oneOffDynos = 0
    /// One-off dynos whose process was started.
    package var oneOffProcesses = 0
    /// Requests to restart all dynos or one.
    package var restarts = 0
    package var stops = 0
    /// Formation PATCHes that changed a quantity.
    package var scalings = 0

    package init() {}

    var json: JSON {
        [
            "image_releases": .integer(imageReleases), "unchanged_image_releases": .integer(unchangedImageReleases),
            "config_releases": .integer(configReleases), "rollbacks": .integer(rollbacks),
            "release_phases": .integer(releasePhases), "one_off_dynos": .integer(oneOffDynos),
            "one_off_processes": .integer(oneOffProcesses), "restarts": .integer(restarts), "stops": .integer(stops),
            "scalings": .integer(scalings),
        ]
    }
}

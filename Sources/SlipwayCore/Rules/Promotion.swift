/// What a promotion takes from the target that it promotes from.
package enum Promotion: Sendable {
    case release(Release)
    /// This job has released what runs there, and still verifies it.
    case underWay(JobID)
    /// A sentence for a person, with what to do.
    case refused(String)

    /// - Parameter source: the name of the target.
    package init(from source: String, _ standing: Standing) {
        guard let live = standing.live else {
            self = .refused("nothing is live at \(source) yet; deploy there first, then promote")
            return
        }
        guard let release = live.release else {
            self = .refused(
                "\(source) runs release v\(live.version), which was not made by Slipway, so there is no image to promote; "
                    + "deploy to \(source) or roll it back, then promote")
            return
        }
        let what = "\(source) runs commit \(release.commit.short) of job \(release.job)"
        switch live.trouble {
        case nil: self = .release(release)
        case .underWay(let job): self = .underWay(job)
        case .crashed(let words):
            self = .refused("\(what), and \(words); repair \(source) or roll it back, then promote")
        case .unverified(let job):
            self = .refused(
                "\(what), which did not pass its verification in job \(job); repair \(source) or roll it back, then promote"
            )
        }
    }
}

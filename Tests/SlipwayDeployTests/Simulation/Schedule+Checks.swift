import SlipwayCore
import SlipwayStore

extension Schedule {
    /// What must hold of any schedule once nothing happens any more.
    func check() async throws {
        let jobs = try await store.jobs(JobFilter(app: world.app, limit: 1000))
        let byID = Dictionary(uniqueKeysWithValues: jobs.map { ($0.id, $0) })
        for job in jobs {
            demand(job.state.hasEnded, "job \(job.id) was lost")
            demand((job.successor != nil) == (job.state == .superseded), "job \(job.id)")
            if job.state == .superseded { demand(job.followsBranch || job.plan.trigger.kind == .tag, "job \(job.id)") }
        }
        for (branch, target) in World.targets where target != "shared" {
            let ref = "refs/heads/\(branch)"
            guard let tip = world.tip(of: ref), let promised = promised["\(ref) \(target ?? "")"] else { continue }
            var last = byID[promised]
            while let successor = last?.successor { last = byID[successor] }
            let deployed = successes["\(ref) \(target ?? "")"] ?? []
            let wasStopped = last?.state == .cancelled || last?.state == .failed
            demand(
                deployed.last?.plan.commit.id == tip || (!isCalm && wasStopped),
                "\(ref) at \(target ?? "no target"): \(tip) was pushed last")
            guard isCalm, target != nil else { continue }
            for (first, second) in zip(deployed, deployed.dropFirst()) {
                demand(
                    first.plan.commit.id != second.plan.commit.id,
                    "jobs \(first.id) and \(second.id) deployed one commit to \(target ?? "")")
            }
        }
    }
}

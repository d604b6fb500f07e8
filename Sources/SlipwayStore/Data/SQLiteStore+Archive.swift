import GRDB
package import SlipwayBase
package import SlipwayCore

extension SQLiteStore: Archive {
    /// Rows of one transaction.
    private static let batch = 200

    /// The last good releases of each target, one for each image.
    private static let kept = """
        SELECT job, image FROM (
            SELECT job, image, row_number() OVER (PARTITION BY app, target ORDER BY newest DESC) AS place
            FROM (SELECT app, target, image, job, max(id) AS newest FROM releases GROUP BY app, target, image))
        WHERE place <= \(keptReleases)
        """

    package func removeJobs(beyond count: Int) async throws -> Int {
        try await write { db, changes in
            try db.run(
                """
                DELETE FROM jobs WHERE id IN (
                    SELECT id FROM jobs
                    WHERE id <= (SELECT id FROM jobs ORDER BY id DESC LIMIT 1 OFFSET :count)
                        AND state <> 'queued' AND state <> 'running' AND id NOT IN (SELECT job FROM (\(Self.kept)))
                    ORDER BY id LIMIT \(Self.batch))
                """, ["count": max(1, count)])
            let removed = db.changesCount
            if removed > 0 { changes.kinds.append(.reset) }
            return removed
        }
    }

    package func removeDeliveries(before moment: Timestamp) async throws -> Int {
        let (removed, oldest) = try await write { db, _ in
            // By id they stand in the order in which they came, and this is asked once an hour: the times need no index.
            let rows = try db.rows(
                """
                DELETE FROM deliveries WHERE id IN (
                    SELECT id FROM deliveries AS oldest
                    WHERE received_at < ? AND NOT EXISTS (
                        SELECT 1 FROM delivery_jobs JOIN jobs ON jobs.id = delivery_jobs.job
                        WHERE delivery_jobs.delivery = oldest.id AND jobs.state IN ('queued', 'running'))
                    ORDER BY id LIMIT \(Self.batch))
                RETURNING id
                """, [moment.milliseconds])
            let oldest: Int? = try db.row("SELECT segment FROM deliveries ORDER BY id LIMIT 1")?[0]
            return (rows.count, oldest)
        }
        if removed > 0 { try bodies.removeSegments(before: oldest) }
        return removed
    }

    package func jobs(_ jobs: [JobID], goneOrEndedBefore moment: Timestamp) async throws -> [JobID] {
        try await read { db in
            try db.rows(
                """
                SELECT value FROM json_each(?)
                WHERE NOT EXISTS (
                    SELECT 1 FROM jobs WHERE id = value AND (finished_at IS NULL OR finished_at >= ?))
                """, [Job.list(jobs), moment.milliseconds]
            ).map { $0[0] }
        }
    }

    package func keptImages() async throws -> Set<String> {
        try await read { db in
            let images = try db.rows(
                """
                SELECT image FROM (\(Self.kept))
                UNION
                SELECT image FROM jobs INDEXED BY jobs_running
                    JOIN images ON images.app = jobs.app AND images.commit_id = jobs.commit_id
                    WHERE state = 'running'
                """
            ).map { $0[0] as String }
            return Set(images).union(try Self.imagesInJournal(db))
        }
    }

    /// What the running jobs have built, and what they and the last good releases' jobs have pushed: the release phase's
    /// images are nowhere else.
    private static func imagesInJournal(_ db: Database) throws -> [String] {
        let rows = try db.rows(
            """
            WITH running AS (SELECT id FROM jobs INDEXED BY jobs_running WHERE state = 'running')
            SELECT kind, state, intent, outcome FROM effects
            WHERE kind = '\(Effect.Kind.build.rawValue)' AND job IN running
                OR kind = '\(Effect.Kind.push.rawValue)'
                    AND job IN (SELECT job FROM (\(kept)) UNION SELECT id FROM running)
            """)
        return try rows.compactMap { row in
            switch try Effect(row: row) {
            case .build(_, let progress): progress.outcome?.id
            case .push(let push, _): push.image
            default: nil
            }
        }
    }
}

extension SQLiteStore {
    /// A recursive table `firsts(id)`: of each app and target the first job in an index that begins with these.
    ///
    /// SQLite seeks from each target to the next one, so it costs the same whatever number of jobs is between. An app's
    /// jobs without a target stand before those with one.
    /// - Parameters:
    ///   - condition: on the jobs; the index's own, where it has one.
    ///   - order: by which the index goes on.
    static func firsts(in index: String, where condition: String, order: String) -> String {
        let jobs = "SELECT id FROM jobs AS next INDEXED BY \(index) WHERE \(condition)"
        return """
            firsts(id) AS (
                SELECT * FROM (\(jobs) ORDER BY app, target, \(order) LIMIT 1)
                UNION ALL
                SELECT coalesce(
                    (\(jobs) AND next.app = here.app AND next.target > ifnull(here.target, '')
                        ORDER BY target, \(order) LIMIT 1),
                    (\(jobs) AND next.app > here.app ORDER BY app, target, \(order) LIMIT 1)) AS following
                FROM firsts JOIN jobs AS here ON here.id = firsts.id
                WHERE following IS NOT NULL
            )
            """
    }
}

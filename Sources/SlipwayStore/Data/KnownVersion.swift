extension SQLiteStore {
    /// The newest database version that this program reads, for those who look at a database without opening it.
    package static var knownVersion: Int { Schema.migrations.count }
}

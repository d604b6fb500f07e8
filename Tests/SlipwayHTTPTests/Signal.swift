/// Something that happens once and that others wait for.
struct Signal: Sendable {
    private let counter = Counter()

    func give() { counter.add(1) }

    /// Until it is given; or until the task is cancelled, as of a `Counter`.
    func wait() async { await counter.wait(for: 1) }
}

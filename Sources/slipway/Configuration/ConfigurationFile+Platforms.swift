import SlipwayCore

/// One key a platform: at the top level that of its settings, in a target that of its place.
extension Section {
    var platforms: [any PlatformSettings] {
        let sections = named
        if sections.isEmpty, let first = KnownPlatforms.all.first { _ = required(first.key) }
        return sections.compactMap { wiring, value in value.section { wiring.settings($0) } }
    }

    /// Where a target goes; nil when it is reported as missing or wrong.
    var place: Place? {
        let places = named
        guard let (wiring, value) = places.first else {
            if let first = KnownPlatforms.all.first { _ = required(first.key) }
            return nil
        }
        for (_, other) in places.dropFirst() { other.report("a target goes to one place, and \(wiring.key) names one") }
        return wiring.place(value).map { Place(platform: wiring.key, name: $0) }
    }

    private var named: [(any PlatformWiring, Value)] {
        KnownPlatforms.all.compactMap { wiring in self[wiring.key].map { (wiring, $0) } }
    }
}

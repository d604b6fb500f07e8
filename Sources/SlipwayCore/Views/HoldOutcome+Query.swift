/// How the dashboard is told what a button has done: it says it in words of its own, from what is so when it is drawn.
extension HoldOutcome {
    private static let (changeKey, placeKey, isNewKey) = ("done", "at", "changed")

    /// `done=unlock&at=shop/production&changed=1`. Names of apps and targets need no escapes.
    package var query: String {
        "\(Self.changeKey)=\(change.rawValue)" + (place.map { "&\(Self.placeKey)=\($0)" } ?? "")
            + "&\(Self.isNewKey)=\(isNew ? 1 : 0)"
    }

    /// - Parameter value: of a query parameter, decoded.
    package init?(query value: (String) -> String?) {
        guard let change = value(Self.changeKey).flatMap(Change.init) else { return nil }
        var place: Place?
        if let text = value(Self.placeKey) {
            let names = text.split(separator: "/", omittingEmptySubsequences: false)
            guard names.count == 2, names.allSatisfy({ $0.wholeMatch(of: /[a-z0-9][a-z0-9_-]{0,62}/) != nil }) else {
                return nil
            }
            place = Place(app: String(names[0]), target: String(names[1]))
        }
        self.init(change, of: place, isNew: value(Self.isNewKey) == "1")
    }
}

extension Duration {
    /// For people: `0.5 s`, `45 s`, `3 min 30 s`, `2 h`.
    package var inWords: String {
        let (seconds, attoseconds) = components
        if seconds < 10, attoseconds > 0 {
            let tenths = (Double(seconds) * 10 + Double(attoseconds) / 1e17).rounded() / 10
            return "\(tenths) s"
        }
        guard seconds >= 120 else { return "\(seconds) s" }
        if seconds >= 7200, seconds % 3600 == 0 { return "\(seconds / 3600) h" }
        return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(seconds % 60) s"
    }
}

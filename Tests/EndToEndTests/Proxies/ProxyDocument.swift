import Foundation

/// docs/proxy.md as its configurations.
struct ProxyDocument {
    /// By the path that the first line of each names.
    let files: [String: String]

    init() throws {
        let file = Yard.source.appendingPathComponent("docs/proxy.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let blocks = text.matches(of: /(?ms)^```\w+\n# (\/etc\/[^\n]+)\n(.*?)^```$/)
        files = Dictionary(uniqueKeysWithValues: blocks.map { (String($0.output.1), String($0.output.2)) })
    }
}

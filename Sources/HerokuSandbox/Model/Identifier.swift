import Foundation
import SlipwayBase

/// A UUID as Heroku writes it.
func makeIdentifier() -> String { UUID().uuidString.lowercased() }

extension Timestamp {
    /// As the API writes times: to the second.
    var apiText: String { String(description.prefix(19)) + "Z" }
}

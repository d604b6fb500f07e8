import Foundation
import SlipwayHTTP

extension Encodable {
    var json: [UInt8] {
        get throws { Array(try JSONEncoder().encode(self)) }
    }
}

extension String {
    /// The path of the app of this name. Escaped: a name from a file never reaches another path.
    var appPath: String { "/apps/" + PercentCoding.encode(self) }
}

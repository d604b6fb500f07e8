import SlipwayBase
import SlipwayHTTP

extension HTTPHeaders {
    /// The fields of these names, each on one line and of bounded length: all of a header that is ever stored.
    func kept(_ names: [String]) -> [(name: String, value: String)] {
        names.compactMap { name in self[name].map { (name, $0.singleLine(limit: 200)) } }
    }
}

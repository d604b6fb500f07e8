import Foundation
import SlipwayBase

/// Where an app is cloned from, without what must not stand in an argument list.
struct CloneURL: Sendable {
    /// What git is given: the configured URL without a user's password.
    let text: String
    /// `https://host[:port]`; nil for ssh and files.
    let origin: String?
    let host: String?
    /// The user and password that stood in the URL.
    let login: Secret?

    init(_ configured: String) {
        guard let components = URLComponents(string: configured), components.scheme?.lowercased() == "https",
            let host = components.host
        else {
            text = configured
            origin = nil
            host = nil
            login = nil
            return
        }
        self.host = host.lowercased()
        origin = "https://" + host + (components.port.map { ":\($0)" } ?? "")
        if let password = components.password {
            login = Secret((components.user ?? "") + ":" + password)
            var bare = components
            bare.user = nil
            bare.password = nil
            text = bare.string ?? configured
        } else {
            login = nil
            text = configured
        }
    }
}

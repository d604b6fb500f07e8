/// A key, or an agent with keys, that a build's commands may use for ssh without seeing it.
package struct SSHAccess: Sendable, Hashable {
    package var id: String
    /// A private key's file or an agent's socket; nil: the agent that this server's `SSH_AUTH_SOCK` names.
    package var path: String?

    package init(id: String, path: String? = nil) {
        self.id = id
        self.path = path
    }
}

/// Who sends a request, once the door has let them in.
package struct Caller: Sendable {
    /// A token's name; nil for a stranger at a public page.
    package var name: String?
    package var permissions: Set<AccessToken.Permission>
    /// A person with a session cookie, who wants to be led on to a page.
    package var isBrowser: Bool
    /// Fields of the request's form, where it had one; whoever checks the form's CSRF token has read the body.
    package var form: [String: String]
    /// Whether the same request would be let in now: a token can go and a session end while an answer still streams.
    package var isStillWelcome: @Sendable () -> Bool

    package init(
        name: String?, permissions: Set<AccessToken.Permission>, isBrowser: Bool = false, form: [String: String] = [:],
        isStillWelcome: @escaping @Sendable () -> Bool = { true }
    ) {
        self.name = name
        self.permissions = permissions
        self.isBrowser = isBrowser
        self.form = form
        self.isStillWelcome = isStillWelcome
    }

    package func may(_ permission: AccessToken.Permission) -> Bool { permissions.contains(permission) }
}

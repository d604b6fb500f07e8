import Logging
import SlipwayBase
import SlipwayHTTP
import SlipwayNet

/// Which pages are this server's own, and by which way browsers come to it.
extension Access {
    /// That a page of this server sent an unsafe request. Browsers say so by `Sec-Fetch-Site` where the page is loaded
    /// over https or from this machine, which no page can write and no proxy needs to know, else by `Origin`; where that
    /// is filtered, `Referer` has it too.
    /// - Parameter isRequired: whether a request without any of these is refused. Browsers send one with every POST.
    func verifyOrigin(of request: HTTPRequest, isRequired: Bool, _ credentials: Credentials) throws(HTTPError) {
        let site = request.headers["Sec-Fetch-Site"]?.lowercased()
        if site == "same-origin" { return }
        let client = Client(of: request, trusting: credentials.trustedProxies)
        let isFromElsewhere = site == "cross-site" || site == "same-site"
        guard let text = request.headers["Origin"] ?? request.headers["Referer"] else {
            guard isRequired || isFromElsewhere else { return }
            throw refusal(
                client,
                "the request does not say which page sent it: the proxy or the browser leaves out Origin and Referer; let "
                    + "one of them pass")
        }
        guard !isFromElsewhere, let origin = Origin(text) else {
            throw refusal(client, "the request comes from another site than this server's")
        }
        guard !credentials.isOwn(origin, of: request) else { return }
        let host = request.headers["Host"]?.singleLine(limit: 200) ?? ""
        let name = origin.description.singleLine(limit: 200)
        throw refusal(
            client,
            "the request comes from a page of \(name), and this server was asked for as \(host). If both are this server, "
                + "set server.public_url to \(name), or let the proxy pass the host on as it is (nginx: proxy_set_header "
                + "Host $http_host)")
    }

    private func refusal(_ client: Client, _ message: String) -> HTTPError {
        notice("form refused", .otherSite, client, message)
        return HTTPError(.forbidden, code: "wrong_origin", message: message)
    }

    /// That the browser will keep the cookie of a login. Over plain http it drops one that is for https only, and the
    /// login page would come again without a word. Where nothing says which page it was, another host than the public one
    /// tells as much: a proxy that ends TLS and asks for another host leaves the browser's `Origin` as it is.
    func verifyCookieCanCome(
        _ request: HTTPRequest, _ form: [String: String], _ credentials: Credentials
    ) throws(Refused) {
        guard credentials.isHTTPS, !request.isSecure, let url = credentials.publicURL,
            let origin = page(of: request, credentials), origin.losesSecureCookies
        else { return }
        let message =
            "This page came over plain http from \(origin.description.singleLine(limit: 200)), and server.public_url is "
            + "\(url): a session's cookie goes over https only. Log in at \(url)/login, or set server.public_url to the "
            + "http address that you use."
        let client = Client(of: request, trusting: credentials.trustedProxies)
        notice("login refused", .plainHTTP, client, message)
        throw Refused(error: HTTPError(.forbidden, code: "plain_http", message: message), next: form["next"])
    }

    private func page(of request: HTTPRequest, _ credentials: Credentials) -> Origin? {
        if let text = request.headers["Origin"] ?? request.headers["Referer"] { return Origin(text) }
        guard let host = request.headers["Host"], Origin(credentials.publicURL ?? "")?.isOf(host: host) != true,
            request.headers["X-Forwarded-Proto"]?.lowercased() != "https"
        else { return nil }
        return Origin("http://" + host)
    }

    /// Why a browser is at the login page again right after it logged in there, if that is how it looks.
    func lostCookie(of request: HTTPRequest) -> String? {
        let credentials = credentials.value
        guard let referrer = request.headers["Referer"], let origin = Origin(referrer),
            referrer.split(separator: "?")[0].hasSuffix("/login"), credentials.isOwn(origin, of: request),
            session(of: request, credentials) == nil
        else { return nil }
        let way =
            if let url = credentials.publicURL, credentials.isHTTPS, !request.isSecure {
                "It is for https only: log in at \(url)/login, or set server.public_url to the address that you use."
            } else {
                "Let it keep cookies of this address."
            }
        let client = Client(of: request, trusting: credentials.trustedProxies)
        notice("a browser came back to the login page without a cookie", .lostCookie, client, way)
        return "If you have just logged in, your browser has not kept the cookie. \(way)"
    }
}

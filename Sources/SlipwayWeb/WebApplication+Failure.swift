import SlipwayBase
import SlipwayHTTP

extension WebApplication {
    /// Errors as JSON, and for browsers as a plain page, or the login where that is what is missing.
    func failure(_ request: HTTPRequest, _ error: HTTPError) -> HTTPResponse {
        var response: HTTPResponse
        if request.wantsPage, error.status == .unauthorized, request.method.isSafe {
            response = .redirect(to: "/login?next=" + PercentCoding.encode(request.target.raw))
        } else if request.wantsPage {
            response = pages.response("error", ErrorPage(error).context, status: error.status)
        } else {
            response = (try? .json(encoding: ErrorView(error), status: error.status)) ?? HTTPResponse(error.status)
        }
        for (name, value) in error.headers where response.status == error.status {
            response.headers[name] = value
        }
        return response
    }
}

/// An error as docs/api.md shows it.
private struct ErrorView: Encodable {
    var error: Fields

    struct Fields: Encodable {
        var code: String
        var message: String
    }

    init(_ error: HTTPError) {
        self.error = Fields(code: error.code, message: error.message)
    }
}

private struct ErrorPage {
    var context: [String: Any]

    init(_ error: HTTPError) {
        context = [
            "title": error.status.reason, "status": String(error.status.code),
            "message": error.message.singleLine(),
        ]
    }
}

extension HTTPRequest {
    /// Whether it is a browser that would show what it gets.
    var wantsPage: Bool {
        headers.all("Accept").joined(separator: ",").split(separator: ",").contains { range in
            range.split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() } == "text/html"
        }
    }
}

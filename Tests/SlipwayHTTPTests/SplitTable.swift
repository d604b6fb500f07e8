/// What is on the wire, and what becomes of it: the requests as `SplitTests` describes them, then the status of a refusal,
/// or `…` where the client ended in the middle of a request.
enum SplitTable {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n"
    private static let post = "POST /p HTTP/1.1\r\nHost: a\r\n"
    private static let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"
    /// A request after the one that is looked at: it must be read if that one was, and never if it was not.
    private static let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"

    // MARK: Taken

    static let taken: [Conversation] = lines + fields + hosts + lengths + chunks + trailers + several + unfinished

    private static func take(_ text: String, _ outcome: String...) -> Conversation { Conversation(text, outcome) }

    /// A request line with a valid header section, and a request after it.
    private static func line(_ line: String, _ outcome: String) -> Conversation {
        Conversation(line + "\r\nHost: a\r\n\r\n" + next, [outcome, "GET /next"])
    }

    /// RFC 9112, section 3.
    private static let lines: [Conversation] = [
        line("GET / HTTP/1.1", "GET /"),
        line("GET /a/b?c=d&e HTTP/1.1", "GET /a/b c=d e="),
        line("GET /%61%20b?c=%26+%2B HTTP/1.1", "GET /a b c=& +"),
        line("GET /a/../b/./c HTTP/1.1", "GET /b/c"),
        line("GET //a HTTP/1.1", "GET //a"),
        line("GET /? HTTP/1.1", "GET /"),
        line("GET /a?b?c=d HTTP/1.1", "GET /a b?c=d"),
        line("GET /a?http://b/ HTTP/1.1", "GET /a http://b/="),
        line("GET /:80 HTTP/1.1", "GET /:80"),
        line("get / HTTP/1.1", "get /"),
        line("M-#'*!~ / HTTP/1.1", "M-#'*!~ /"),
        // Of a higher minor version is read as the highest that is known (RFC 9110, section 2.5).
        line("GET / HTTP/1.9", "GET /"),
        line("GET http://b HTTP/1.1", "GET / host:b"),
        line("GET http://b/c?d=e HTTP/1.1", "GET /c d=e host:b"),
        line("GET http://b?d=e HTTP/1.1", "GET / d=e host:b"),
        line("GET HTTP://B:8080/ HTTP/1.1", "GET / host:B:8080"),
        line("GET https://[::1]:8/c HTTP/1.1", "GET /c host:[::1]:8"),
        line("OPTIONS * HTTP/1.1", "OPTIONS *"),
        line("OPTIONS /a HTTP/1.1", "OPTIONS /a"),
        line("\r\n\r\nGET / HTTP/1.1", "GET /"),
        take("GET / HTTP/1.0\r\n\r\n" + next, "GET / 1.0 close"),
        take("GET / HTTP/1.0\r\nHost: b\r\nConnection: Keep-Alive\r\n\r\n" + next, "GET / 1.0 host:b", "GET /next"),
        take("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n" + next, "GET / 1.0 close"),
        take("GET http://b/ HTTP/1.0\r\n\r\n" + next, "GET / 1.0 host:b close"),
        take("POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi" + next, "POST / 1.0 \"hi\" close"),
    ]

    private static func field(_ field: String, _ outcome: String = "GET /") -> Conversation {
        Conversation(get + field + "\r\n\r\n" + next, [outcome, "GET /next"])
    }

    /// RFC 9110, section 5.
    private static let fields: [Conversation] = [
        field("X: y", "GET / x:y"), field("X:y", "GET / x:y"), field("x: \t y \t ", "GET / x:y"),
        field("X:", "GET / x:"), field("X: \t ", "GET / x:"), field("X: a b\tc", "GET / x:a b\tc"),
        field("X: :", "GET / x::"), field("X: a\r\nX: b", "GET / x:a"),
        // Bytes above 127 are opaque (section 5.5); these two are no UTF-8.
        field("X: \u{E9}\u{FF}", "GET / x:\u{FFFD}\u{FFFD}"),
        field("!#$%&'*+-.^_`|~09azAZ: b"), field("Content_Length: 5"), field("Transfer_Encoding: chunked"),
        field("TE: chunked, trailers"), field("Trailer: X"), field("Connection: keep-alive"),
        field("Connection: closed"), field("Connection: upgrade\r\nUpgrade: websocket"), field("Connection:"),
        take(get + "Connection: close\r\n\r\n" + next, "GET / close"),
        take(get + "Connection: X, CLOSE\t\r\n\r\n" + next, "GET / close"),
        take(get + "Connection: X\r\nconnection: close\r\n\r\n" + next, "GET / close"),
        take(get + "Connection: ,close,\r\n\r\n" + next, "GET / close"),
    ]

    private static func host(_ host: String) -> Conversation {
        Conversation("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n" + next, ["GET / host:\(host)", "GET /next"])
    }

    /// RFC 9110, section 7.2, and RFC 3986, section 3.2.
    private static let hosts: [Conversation] = [
        host("b.example"), host("b:80"), host("b:"), host("b-c_d.e"), host("127.0.0.1:8080"), host("[::1]"),
        host("[fe80::1]:443"), host("b%20c"), host("b~!$&'()*+;="), host(""),
    ]

    /// RFC 9112, section 6.
    private static let lengths: [Conversation] = [
        take(post + "Content-Length: 5\r\n\r\nhello" + next, "POST /p \"hello\"", "GET /next"),
        take(post + "Content-Length: 0\r\n\r\n" + next, "POST /p", "GET /next"),
        take(post + "Content-Length: 00002\r\n\r\nhi" + next, "POST /p \"hi\"", "GET /next"),
        take(post + "content-LENGTH: \t2 \t\r\n\r\nhi" + next, "POST /p \"hi\"", "GET /next"),
        take(post + "\r\n" + next, "POST /p", "GET /next"),
        // The body is a request, and is not run.
        take(get + "Content-Length: \(next.utf8.count)\r\n\r\n" + next + next, "GET / \"\(next)\"", "GET /next"),
        take(post + "Content-Length: 4\r\n\r\n\r\n\r\n" + next, "POST /p \"\r\n\r\n\"", "GET /next"),
        take(post + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi", "POST /p \"hi\" continue"),
        take(post + "Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "POST /p continue"),
        // Nothing to wait for, nobody who would understand, and what is not known.
        take(post + "Expect: 100-continue\r\n\r\n", "POST /p"),
        take(post + "Expect: something\r\nContent-Length: 2\r\n\r\nhi", "POST /p \"hi\""),
        take("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi", "POST / 1.0 \"hi\" close"),
    ]

    private static func chunks(_ text: String, _ body: String) -> Conversation {
        Conversation(chunked + text + next, [body.isEmpty ? "POST /p" : "POST /p \"\(body)\"", "GET /next"])
    }

    /// RFC 9112, section 7.1.
    private static let chunks: [Conversation] = [
        chunks("0\r\n\r\n", ""), chunks("5\r\nhello\r\n0\r\n\r\n", "hello"),
        chunks("1\r\nh\r\n2\r\nel\r\n2\r\nlo\r\n0\r\n\r\n", "hello"),
        chunks("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"), chunks("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        chunks("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"), chunks("00002\r\nhi\r\n000\r\n\r\n", "hi"),
        // Any number of zeros: as a value it is small.
        chunks("00000000000000000000002\r\nhi\r\n0\r\n\r\n", "hi"),
        chunks("2;a\r\nhi\r\n0\r\n\r\n", "hi"), chunks("2;a=b\r\nhi\r\n0;c\r\n\r\n", "hi"),
        chunks("2;a=\"b;c\";d=e\r\nhi\r\n0\r\n\r\n", "hi"), chunks("2 ; a = b\r\nhi\r\n0\r\n\r\n", "hi"),
        chunks("2\t;\ta\r\nhi\r\n0\r\n\r\n", "hi"), chunks("2;\u{E9}\r\nhi\r\n0\r\n\r\n", "hi"),
        take(post + "transfer-encoding:\tCHUNKED \r\n\r\n2\r\nhi\r\n0\r\n\r\n" + next, "POST /p \"hi\"", "GET /next"),
        take(get + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" + next, "GET / \"hi\"", "GET /next"),
    ]

    private static func trailer(_ text: String) -> Conversation { chunks("2\r\nhi\r\n0\r\n" + text + "\r\n", "hi") }

    /// RFC 9112, section 7.1.2: read, checked and dropped.
    private static let trailers: [Conversation] = [
        trailer("X: y\r\n"), trailer("X:\r\nY: z\r\n"), trailer("A: b\r\nA: b\r\nA: b\r\n"),
        trailer("Content-Length: 1000\r\n"), trailer("Transfer-Encoding: chunked\r\nHost: c\r\n"),
        trailer("Connection: close\r\n"),
    ]

    /// RFC 9112, section 9.3.2.
    private static let several: [Conversation] = [
        take(next + next + next, "GET /next", "GET /next", "GET /next"),
        take(next + "\r\n\r\n" + next, "GET /next", "GET /next"),
        take(post + "Content-Length: 2\r\n\r\nhi\r\n" + next, "POST /p \"hi\"", "GET /next"),
        take(chunked + "2\r\nhi\r\n0\r\n\r\n\r\n" + next, "POST /p \"hi\"", "GET /next"),
        take("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + chunked + "0\r\n\r\n" + next, "HEAD /a", "POST /p", "GET /next"),
        // After a good one, each of these is refused for itself.
        take(next + "GET / HTTP/1.1\r\n\r\n" + next, "GET /next", "400 Bad Request"),
        take(next + " GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /next", "400 Bad Request"),
        take(next + "hello", "GET /next", "…"),
        take(post + "Content-Length: 2\r\n\r\nhi!" + next, "POST /p \"hi\"", "!GET /next"),
    ]

    /// The client ends too early: no request, and no refusal either.
    private static let unfinished: [Conversation] = [
        take(""), take("\r\n"), take("G", "…"), take("GET / HTTP/1.1\r", "…"), take("GET / HTTP/1.1\r\n", "…"),
        take(get, "…"), take(get + "X", "…"), take(get + "\r", "…"), take(post + "Content-Length: 3\r\n\r\nhi", "…"),
        take(post + "Content-Length: 1\r\n\r\n", "…"), take(chunked, "…"), take(chunked + "2", "…"),
        take(chunked + "2\r\nh", "…"), take(chunked + "2\r\nhi", "…"), take(chunked + "2\r\nhi\r\n", "…"),
        take(chunked + "2\r\nhi\r\n0\r\n", "…"), take(chunked + "2\r\nhi\r\n0\r\nX: y\r\n", "…"),
        take(chunked + "2\r\nhi\r\n0\r\n\r", "…"),
    ]

    // MARK: Refused

    static let refused: [Conversation] =
        badLines + badFields + badHosts + badLengths + badCodings + badChunks + badTrailers + tooLarge + smuggled

    private static let badRequest = "400 Bad Request"

    private static func refuse(_ text: String, _ status: String = badRequest) -> Conversation {
        Conversation(text + next, [status])
    }

    private static func badLine(_ line: String, _ status: String = badRequest) -> Conversation {
        refuse(line + "\r\nHost: a\r\n\r\n", status)
    }

    private static let badLines: [Conversation] = [
        badLine("GET"), badLine("GET /"), badLine("GET / "), badLine("GET  / HTTP/1.1"), badLine("GET /  HTTP/1.1"),
        badLine("GET / HTTP/1.1 "), badLine("GET / HTTP/1.1\t"), badLine(" GET / HTTP/1.1"),
        badLine("\tGET / HTTP/1.1"), badLine("GET\t/ HTTP/1.1"), badLine("GET /\tHTTP/1.1"), badLine("GET HTTP/1.1"),
        badLine("/ GET HTTP/1.1"), badLine("GET /a b HTTP/1.1"), badLine("GET /\u{7F} HTTP/1.1"),
        badLine("GET /\u{0} HTTP/1.1"), badLine("GET /\u{E9} HTTP/1.1"), badLine("GET\u{0} / HTTP/1.1"),
        badLine("G\u{E9}T / HTTP/1.1"), badLine("G:T / HTTP/1.1"), badLine("G(T / HTTP/1.1"),
        badLine("\"GET\" / HTTP/1.1"), badLine("GET /\rX HTTP/1.1"), badLine("GET / HTTP/1.1\r"),
        badLine("\rGET / HTTP/1.1"),
        // Names and digits of the version are exact (RFC 9112, section 2.3).
        badLine("GET / http/1.1"), badLine("GET / HTTP/11"), badLine("GET / HTTP/1.10"), badLine("GET / HTTP/1."),
        badLine("GET / HTTP/.1"), badLine("GET / HTTP/1,1"), badLine("GET / HTTP 1.1"), badLine("GET / HTTP/01.1"),
        badLine("GET / HTTP/1.\u{E9}"), badLine("GET / XTTP/1.1"), badLine("GET / HTTPS/1.1"),
        badLine("GET / HTTP/4294967297.1"),
        badLine("GET / HTTP/0.9", "505 HTTP Version Not Supported"),
        badLine("GET / HTTP/2.0", "505 HTTP Version Not Supported"),
        badLine("GET / HTTP/9.9", "505 HTTP Version Not Supported"),
        refuse("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 HTTP Version Not Supported"),
        // Targets.
        badLine("GET a HTTP/1.1"), badLine("GET a/b HTTP/1.1"), badLine("GET ?a HTTP/1.1"), badLine("GET * HTTP/1.1"),
        badLine("POST * HTTP/1.1"), badLine("OPTIONS ** HTTP/1.1"), badLine("GET *a HTTP/1.1"),
        badLine("GET a:443 HTTP/1.1"), badLine("GET ftp://a/ HTTP/1.1"), badLine("GET http:/a HTTP/1.1"),
        badLine("GET http:///a HTTP/1.1"), badLine("GET http://a@b/ HTTP/1.1"), badLine("GET http://a:b@c/ HTTP/1.1"),
        badLine("GET http://a:b/ HTTP/1.1"), badLine("GET http://a,b/ HTTP/1.1"), badLine("GET http://[::1/ HTTP/1.1"),
        badLine("GET http://a\\b/ HTTP/1.1"), badLine("GET /.. HTTP/1.1"), badLine("GET /../a HTTP/1.1"),
        badLine("GET /a/../../b HTTP/1.1"), badLine("GET /%2e%2e/a HTTP/1.1"), badLine("GET /.%2E/a HTTP/1.1"),
        badLine("GET /a%2Fb HTTP/1.1"), badLine("GET /..%2Fa HTTP/1.1"), badLine("GET /..%2F%CC%81a HTTP/1.1"),
        badLine("GET /%00 HTTP/1.1"), badLine("GET /a%0d%0ab HTTP/1.1"), badLine("GET /%7F HTTP/1.1"),
        badLine("GET /% HTTP/1.1"), badLine("GET /%4 HTTP/1.1"), badLine("GET /%4x HTTP/1.1"),
        badLine("GET /%-1 HTTP/1.1"), badLine("GET /%c0%ae%c0%ae/ HTTP/1.1"), badLine("GET /%ED%A0%80 HTTP/1.1"),
        badLine("GET /%ff HTTP/1.1"), badLine("GET /?a=%zz HTTP/1.1"), badLine("GET /?%ff HTTP/1.1"),
        badLine("CONNECT a:443 HTTP/1.1", "501 Not Implemented"), badLine("CONNECT / HTTP/1.1", "501 Not Implemented"),
        // Other protocols on this port.
        refuse("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{FC}\u{3}\u{3}\r\n"), refuse("\u{0}"), refuse("\u{80}"),
        refuse("SSH-2.0-OpenSSH_9.2\r\n"), refuse("HTTP/1.1 200 OK\r\n\r\n"),
        // Line ends.
        refuse("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), refuse("GET / HTTP/1.1\nHost: a\n\n"),
        refuse("GET / HTTP/1.1\nHost: a\r\n\r\n"), refuse("GET /\nHTTP/1.1\r\nHost: a\r\n\r\n"),
        refuse("GET / HTTP/1.1\rHost: a\r\r\n"), refuse("GET / HTTP/1.1\n\rHost: a\n\r"),
    ]

    private static func badField(_ field: String) -> Conversation { refuse(get + field + "\r\n\r\n") }

    private static let badFields: [Conversation] = [
        badField("X"), badField("X y"), badField(": y"), badField(":"), badField("X : y"), badField("X\t: y"),
        badField("X y: z"), badField("X@: y"), badField("X/: y"), badField("X(: y"), badField("[X]: y"),
        badField("X\u{0}: y"), badField("X\u{7F}: y"), badField("X\u{E9}: y"), badField("\u{FF}: y"),
        badField("\"X\": y"), badField("X\rY: z"), badField("X\nY: z"),
        badField("X: \u{0}"), badField("X: a\u{0}b"), badField("X: \u{7}"), badField("X: \u{1F}y"),
        badField("X: \u{7F}"), badField("X: y\u{B}"), badField("X: a\rb"), badField("X: a\r\rb"), badField("X: a\r"),
        badField("X: a\nY: b"), badField("X: a\n"), badField("X:\n"),
        // Folding, first and later (RFC 9112, sections 2.2 and 5.2).
        badField("X: a\r\n b"), badField("X: a\r\n\tb"), badField("X:\r\n b"), badField("X: a\r\n \r\nY: b"),
        refuse("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), refuse("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n"),
        refuse("GET /\r\n HTTP/1.1\r\nHost: a\r\n\r\n"), refuse("GET / HTTP/1.1\r\n \r\nHost: a\r\n\r\n"),
        refuse("GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n"),
        // The empty line is CR LF as well.
        refuse(get + "\n"), refuse(get + "X: y\r\n\n"), refuse(get + "\r\r\n"), refuse(get + "\rX: y\r\n\r\n"),
    ]

    private static func badHost(_ host: String) -> Conversation {
        refuse("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
    }

    private static let badHosts: [Conversation] = [
        refuse("GET / HTTP/1.1\r\n\r\n"), refuse("GET / HTTP/1.1\r\nX: y\r\n\r\n"),
        refuse("GET http://b/ HTTP/1.1\r\n\r\n"), refuse("OPTIONS * HTTP/1.1\r\n\r\n"),
        refuse(get + "Host: a\r\n\r\n"), refuse(get + "host: b\r\n\r\n"), refuse(get + "Host:\r\n\r\n"),
        refuse("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), refuse("GET / HTTP/1.0\r\nHost: a b\r\n\r\n"),
        refuse("GET http://b/ HTTP/1.1\r\nHost: a/b\r\n\r\n"), refuse(get + "Host : b\r\n\r\n"),
        badHost("a b"), badHost("a, b"), badHost("a,b"), badHost("a/b"), badHost("/"), badHost("a\\b"), badHost("u@a"),
        badHost("http://a"), badHost("a?b"), badHost("a#b"), badHost("a:b"), badHost("a:80:80"), badHost("a:-1"),
        badHost("a:+1"), badHost("a:8 0"), badHost("a:123456"), badHost(":80"), badHost("[::1"), badHost("::1"),
        badHost("[]"), badHost("[a b]"), badHost("[::1]a"), badHost("[::1]:b"), badHost("\"a\""), badHost("<a>"),
        badHost("\u{E9}"), badHost("a\u{0}"), badHost("a^b"), badHost("a`b"), badHost("a|b"), badHost("{a}"),
    ]

    private static func badLength(_ value: String, _ status: String = badRequest) -> Conversation {
        refuse(post + "Content-Length: \(value)\r\n\r\nhello", status)
    }

    private static let badLengths: [Conversation] = [
        badLength(""), badLength("+5"), badLength("-5"), badLength("-0"), badLength("0x5"), badLength("5.0"),
        badLength("5e0"), badLength("5 5"), badLength("5\t5"), badLength("5,5"), badLength("5, 5"), badLength("5, 6"),
        badLength(",5"), badLength("5,"), badLength("\"5\""), badLength("5;a=b"), badLength("five"), badLength("5a"),
        badLength("\u{B}5"), badLength("\u{A0}5"), badLength("\u{D9}\u{A5}"), badLength("5\u{0}"), badLength("5\r"),
        badLength("5_0"), badLength("5'0"),
        badLength("5\r\nContent-Length: 5"), badLength("5\r\nContent-Length: 6"), badLength("5\r\ncontent-length: 0"),
        badLength("5\r\nContent-Length:"), badLength("\r\nContent-Length: 5"), badLength("5\r\n Content-Length: 6"),
        badLength("9223372036854775808", "413 Content Too Large"),
        badLength("18446744073709551621", "413 Content Too Large"),
        badLength("99999999999999999999999999999999999999999", "413 Content Too Large"),
        refuse("POST / HTTP/1.0\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        refuse(get + "Content-Length: x\r\n\r\n"), refuse(get + "Content-Length : 5\r\n\r\nhello"),
    ]

    private static func badCoding(_ value: String, _ status: String = badRequest) -> Conversation {
        refuse(post + "Transfer-Encoding: \(value)\r\n\r\n0\r\n\r\n", status)
    }

    /// RFC 9112, section 6.1.
    private static let badCodings: [Conversation] = [
        badCoding(""), badCoding(","), badCoding(",chunked"), badCoding("chunked,"), badCoding("chunked, chunked"),
        badCoding("chunked, gzip"), badCoding("chunked, identity"), badCoding("identity, chunked, identity"),
        badCoding("chunked\r\nTransfer-Encoding: chunked"), badCoding("chunked\r\nTransfer-Encoding: identity"),
        badCoding("chunked;a=b"), badCoding("\"chunked\""), badCoding("'chunked' x"), badCoding("chunked chunked"),
        badCoding("[chunked]"), badCoding("(chunked)"), badCoding("=?UTF-8?B?Y2h1bmtlZA==?="),
        badCoding("\u{B}chunked"), badCoding("\u{A0}chunked"), badCoding("chunked\u{0}"), badCoding("\rchunked"),
        badCoding("chunked\r"), badCoding("chunked\u{FF}"), badCoding("\r\n chunked"),
        badCoding("gzip, chunked", "501 Not Implemented"), badCoding("gzip", "501 Not Implemented"),
        badCoding("identity", "501 Not Implemented"), badCoding("xchunked", "501 Not Implemented"),
        badCoding("chunkedx", "501 Not Implemented"), badCoding("chunke", "501 Not Implemented"),
        badCoding("identity, chunked", "501 Not Implemented"),
        badCoding("identity\r\nTransfer-Encoding: chunked", "501 Not Implemented"),
        refuse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        refuse("POST / HTTP/1.0\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"),
    ]

    private static func badChunk(_ text: String, _ status: String = badRequest) -> Conversation {
        refuse(chunked + text, status)
    }

    private static let badChunks: [Conversation] = [
        badChunk("\r\n0\r\n\r\n"), badChunk(" 2\r\nhi\r\n0\r\n\r\n"), badChunk("\t2\r\nhi\r\n0\r\n\r\n"),
        badChunk("2 \r\nhi\r\n0\r\n\r\n"), badChunk("2\t\r\nhi\r\n0\r\n\r\n"), badChunk("2 a\r\nhi\r\n0\r\n\r\n"),
        badChunk("+2\r\nhi\r\n0\r\n\r\n"), badChunk("-2\r\nhi\r\n0\r\n\r\n"), badChunk("0x2\r\nhi\r\n0\r\n\r\n"),
        badChunk("2h\r\nhi\r\n0\r\n\r\n"), badChunk("g\r\nhi\r\n0\r\n\r\n"), badChunk("2,2\r\nhi\r\n0\r\n\r\n"),
        badChunk("2.0\r\nhi\r\n0\r\n\r\n"), badChunk("2_0\r\nhi\r\n0\r\n\r\n"), badChunk(";a\r\nhi\r\n0\r\n\r\n"),
        badChunk("\"2\"\r\nhi\r\n0\r\n\r\n"), badChunk("\u{D9}\u{A1}\r\nh\r\n0\r\n\r\n"),
        badChunk("2\u{0}\r\nhi\r\n0\r\n\r\n"), badChunk("2\u{A0}\r\nhi\r\n0\r\n\r\n"), badChunk("2\u{B}\r\nhi\r\n"),
        badChunk("2;\u{0}\r\nhi\r\n0\r\n\r\n"), badChunk("2;a\u{7F}\r\nhi\r\n0\r\n\r\n"),
        badChunk("2;\rxx\r\nhi\r\n0\r\n\r\n"), badChunk("2\r\r\nhi\r\n0\r\n\r\n"),
        // Line ends.
        badChunk("2\nhi\r\n0\r\n\r\n"), badChunk("2;a\nhi\r\n0\r\n\r\n"), badChunk("2;a=\"\n\"\r\nhi\r\n0\r\n\r\n"),
        badChunk("2\rhi\r\n0\r\n\r\n"), badChunk("2\r\nhi\n0\r\n\r\n"), badChunk("2\r\nhi\r0\r\n\r\n"),
        badChunk("2\r\nhi0\r\n\r\n"), badChunk("2\r\nhi\r\r\n0\r\n\r\n"), badChunk("2\r\nhi\n\r0\r\n\r\n"),
        badChunk("2\r\nhi\r\n\r\n0\r\n\r\n"), badChunk("2\r\nhixx0\r\n\r\n"), badChunk("2\r\nhi!\r\n0\r\n\r\n"),
        badChunk("3\r\nhi\r\n0\r\n\r\n"), badChunk("0\n\n"), badChunk("0\r\n\n"), badChunk("0\r\n\r\r\n"),
        // Sizes.
        badChunk("FFFFFFFFFFFFFFFF\r\nhi", "413 Content Too Large"),
        badChunk("8000000000000000\r\nhi", "413 Content Too Large"),
        badChunk("10000000000000002\r\nhi", "413 Content Too Large"),
        badChunk("0FFFFFFFFFFFFFFFFF\r\nhi", "413 Content Too Large"),
        badChunk("00000000000000000000000000000000000000000000002\r\nhi\r\n0\r\n\r\n"),
        badChunk("2;" + String(repeating: "a", count: 40) + "\r\nhi\r\n0\r\n\r\n"),
        badChunk("2;" + String(repeating: "a", count: 40) + "\nhi\r\n0\r\n\r\n"),
    ]

    private static func badTrailer(_ text: String, _ status: String = badRequest) -> Conversation {
        refuse(chunked + "2\r\nhi\r\n0\r\n" + text + "\r\n", status)
    }

    private static let badTrailers: [Conversation] = [
        badTrailer("X\r\n"), badTrailer("X : y\r\n"), badTrailer(": y\r\n"), badTrailer(" X: y\r\n"),
        badTrailer("X: y\r\n z\r\n"), badTrailer("X: \u{0}\r\n"), badTrailer("X: y\rZ: a\r\n"), badTrailer("X: y\n"),
        badTrailer("X y: z\r\n"), badTrailer("X\u{E9}: z\r\n"),
        badTrailer("A: b\r\nA: b\r\nA: b\r\nA: b\r\n", "431 Request Header Fields Too Large"),
        badTrailer("A: " + String(repeating: "b", count: 80) + "\r\n", "431 Request Header Fields Too Large"),
        badTrailer("A: " + String(repeating: "b", count: 80) + "\n", "431 Request Header Fields Too Large"),
    ]

    /// The same answer whether the end of what is too long has arrived or not, and whatever end it is.
    private static let tooLarge: [Conversation] = [
        badLine("GET /" + String(repeating: "a", count: 200) + " HTTP/1.1", "414 URI Too Long"),
        refuse("GET /" + String(repeating: "a", count: 200) + " HTTP/1.1\n", "414 URI Too Long"),
        Conversation("GET /" + String(repeating: "a", count: 300), ["414 URI Too Long"]),
        Conversation(String(repeating: "G", count: 300), ["414 URI Too Long"]),
        Conversation(get + "X: " + String(repeating: "a", count: 400), ["431 Request Header Fields Too Large"]),
        Conversation(get + String(repeating: "X", count: 500), ["431 Request Header Fields Too Large"]),
        refuse(get + "X: " + String(repeating: "a", count: 400) + "\r\n\r\n", "431 Request Header Fields Too Large"),
        refuse(get + "X: " + String(repeating: "a", count: 400) + "\n\r\n", "431 Request Header Fields Too Large"),
        refuse(get + String(repeating: "X: y\r\n", count: 10) + "\r\n", "431 Request Header Fields Too Large"),
        refuse(
            get + String(repeating: "X: " + String(repeating: "a", count: 60) + "\r\n", count: 8) + "\r\n",
            "431 Request Header Fields Too Large"),
        Conversation(String(repeating: "\r\n", count: 200), [badRequest]),
    ]

    /// Two framings in one request, plain or in disguise: nobody in front of us may read another request than we do.
    private static let smuggled: [Conversation] = [
        "Transfer-Encoding: chunked", "transfer-encoding: chunked", "Transfer-Encoding:chunked",
        "Transfer-Encoding:\tchunked", "Transfer-Encoding: chunked\t", "Transfer-Encoding: identity",
        "Transfer-Encoding: ", "Transfer-Encoding: x", "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked",
        " Transfer-Encoding: chunked", "\tTransfer-Encoding: chunked", "Transfer Encoding: chunked",
        "Transfer-Encoding: \u{B}chunked", "Transfer-Encoding:\u{1F}chunked", "Transfer-Encoding\u{0}: chunked",
        "\u{B}Transfer-Encoding: chunked", "Transfer-Encoding\u{85}: chunked", "Transfer\u{AD}Encoding: chunked",
        "Transfer-Encoding:\r\n chunked", "Transfer-Encoding: \r\n\tchunked", "X: y\r\n Transfer-Encoding: chunked",
        "X: y\rTransfer-Encoding: chunked", "X: y\nTransfer-Encoding: chunked", "X: y\r\n\rTransfer-Encoding: chunked",
        "X:\rTransfer-Encoding: chunked", "\rTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r",
        "X\r\nTransfer-Encoding: chunked", "Content-Length: 6", "Content-Length: 5", " Content-Length: 6",
        "Content-Length : 6", "Content-Length\u{0}: 6", "X: y\nContent-Length: 6", "Content-Length: 0\r\n 6",
    ].flatMap { field in
        [
            refuse(post + "Content-Length: 5\r\n\(field)\r\n\r\n0\r\n\r\n"),
            refuse(post + "\(field)\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
        ]
    }
}

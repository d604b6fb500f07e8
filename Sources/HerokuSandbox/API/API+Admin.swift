import SlipwayBase
import SlipwayHTTP

/// What Heroku does not have: how a test in another process sets the stage and looks behind it. Same key, any `Accept`.
extension API {
    mutating func addAdmin() {
        let (platform, faults, calls) = (platform, faults, calls)
        admin(.post, "/sandbox/apps") { call in
            var vars: [String: String] = [:]
            for (name, value) in call.body["config_vars"]?.object ?? [:] { vars[name] = value.string }
            let app = try await platform.createApp(
                name: call.body["name"]?.string, stack: call.body["stack"]?.string ?? "container", configVars: vars,
                webQuantity: call.body["web"]?.integer)
            return Reply(app.json(owner: await platform.user), status: 201)
        }
        admin(.get, "/sandbox/apps/{app}/effects") { call in Reply(try await platform.app(call["app"]).effects.json) }
        admin(.get, "/sandbox/apps/{app}/log") { call in
            Reply(.array(try await platform.app(call["app"]).log.lines.map { .string($0.text) }))
        }
        admin(.get, "/sandbox/behaviour") { _ in Reply(platform.behaviour.value.json) }
        admin(.patch, "/sandbox/behaviour") { call in
            var behaviour = platform.behaviour.value
            try behaviour.update(call.body)
            platform.behaviour.value = behaviour
            return Reply(behaviour.json)
        }
        admin(.get, "/sandbox/faults") { _ in Reply(.array(faults.all.map(\.json))) }
        admin(.post, "/sandbox/faults") { call in
            let fault = try Fault(json: call.body)
            faults.add(fault)
            return Reply(fault.json, status: 201)
        }
        admin(.delete, "/sandbox/faults") { _ in
            faults.removeAll()
            return Reply([])
        }
        admin(.get, "/sandbox/calls") { _ in
            Reply(
                .array(
                    calls.all.map {
                        ["method": .string($0.method), "path": .string($0.path), "status": .integer($0.status)]
                    }))
        }
        admin(.post, "/sandbox/rate-limit") { call in
            guard let remaining = call.body["remaining"]?.integer, remaining >= 0 else {
                throw APIError.invalid("remaining must be a whole number")
            }
            await platform.setRemainingTokens(remaining)
            return Reply(["remaining": .integer(remaining)])
        }
    }

    private mutating func admin(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping Handler) {
        let apiKey = apiKey
        route(method, pattern) { request, parameters in
            do {
                guard Self.isAuthorized(request.headers["Authorization"], apiKey) else { throw APIError.unauthorized }
                let reply = try await handler(
                    Call(request: request, parameters: parameters, body: try await Self.body(of: request)))
                return .json(reply.body.bytes, status: HTTPStatus(reply.status))
            } catch let error as APIError {
                return Self.answer(error)
            }
        }
    }
}

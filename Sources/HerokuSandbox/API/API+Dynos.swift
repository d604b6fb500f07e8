import SlipwayHTTP

extension API {
    mutating func addDynos() {
        let platform = platform
        on(.get, "/apps/{app}/dynos") { call in
            let app = try await platform.app(call["app"])
            return Reply(await platform.dynos(of: app))
        }
        on(.post, "/apps/{app}/dynos") { call in
            Reply(try await platform.createDyno(call["app"], call.body), status: 201)
        }
        on(.delete, "/apps/{app}/dynos") { call in
            try await platform.restartDynos(call["app"])
            return Reply([:], status: 202)
        }
        on(.get, "/apps/{app}/dynos/{dyno}") { call in
            let app = try await platform.app(call["app"])
            return Reply(try await platform.dyno(call["dyno"], of: app).json(of: app, attachURL: nil))
        }
        on(.delete, "/apps/{app}/dynos/{dyno}") { call in
            try await platform.restartDyno(call["dyno"], of: call["app"])
            return Reply([:], status: 202)
        }
        on(.post, "/apps/{app}/dynos/{dyno}/actions/stop") { call in
            try await platform.stopDyno(call["dyno"], of: call["app"])
            return Reply([:], status: 202)
        }
        on(.delete, "/apps/{app}/formations/{type}") { call in
            try await platform.restartDynos(call["app"], type: call["type"])
            return Reply([:], status: 202)
        }
        on(.post, "/apps/{app}/formations/{type}/actions/stop") { call in
            try await platform.stopDynos(type: call["type"], of: call["app"])
            return Reply([:], status: 202)
        }
        on(.post, "/apps/{app}/log-sessions") { call in
            Reply(try await platform.createLogSession(call["app"], call.body, variant: call.variant), status: 201)
        }
    }
}

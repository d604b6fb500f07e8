import SlipwayHTTP

extension API {
    mutating func addFormation() {
        let platform = platform
        on(.get, "/apps/{app}/formation") { call in
            let app = try await platform.app(call["app"])
            return Reply(await platform.formation(of: app))
        }
        on(.get, "/apps/{app}/formation/{type}") { call in
            let app = try await platform.app(call["app"])
            return Reply(try await platform.formationType(call["type"], of: app))
        }
        on(.patch, "/apps/{app}/formation") { call in
            guard let updates = call.body["updates"]?.array, !updates.isEmpty else {
                throw APIError.invalid("updates must be an array of process types")
            }
            let (types, warning) = try await platform.changeFormation(call["app"], updates, variant: call.variant)
            return Reply(types, headers: Self.warning(warning))
        }
        on(.patch, "/apps/{app}/formation/{type}") { call in
            var update = call.body.object ?? [:]
            update["type"] = .string(call["type"])
            let (types, warning) = try await platform.changeFormation(
                call["app"], [.object(update)], variant: call.variant)
            return Reply(types.array?.first ?? [:], headers: Self.warning(warning))
        }
    }

    private static func warning(_ text: String?) -> HTTPHeaders {
        var headers = HTTPHeaders()
        headers["Warning-Message"] = text
        return headers
    }
}

import SlipwayHTTP

extension API {
    mutating func addApps() {
        let platform = platform
        on(.get, "/apps") { call in
            let apps = await platform.apps.values.map { $0 }
            let owner = await platform.user
            return try Self.list(apps, call, attributes: ["name", "id"]) { app, attribute in
                attribute == "id" ? app.id : app.name
            } json: {
                $0.json(owner: owner)
            }
        }
        on(.post, "/apps") { call in
            let stack = call.body["stack"]?.string ?? call.body["stack"]?["name"]?.string ?? "heroku-24"
            let app = try await platform.createApp(name: call.body["name"]?.string, stack: stack)
            return Reply(app.json(owner: await platform.user), status: 201)
        }
        on(.get, "/apps/{app}") { call in
            Reply(try await platform.app(call["app"]).json(owner: await platform.user))
        }
        on(.patch, "/apps/{app}") { call in
            Reply(try await platform.changeApp(call["app"], call.body).json(owner: await platform.user))
        }
        on(.get, "/apps/{app}/config-vars") { call in
            Reply(.object(try await platform.app(call["app"]).configVars.mapValues(JSON.string)))
        }
        on(.patch, "/apps/{app}/config-vars") { call in
            Reply(.object(try await platform.changeConfigVars(call["app"], call.body).mapValues(JSON.string)))
        }
        on(.get, "/apps/{app}/features") { call in
            var features: [JSON] = []
            for name in Platform.featureDescriptions.keys.sorted() {
                features.append(try await platform.feature(name, of: call["app"]))
            }
            return Reply(.array(features))
        }
        on(.get, "/apps/{app}/features/{feature}") { call in
            Reply(try await platform.feature(call["feature"], of: call["app"]))
        }
        on(.patch, "/apps/{app}/features/{feature}") { call in
            Reply(try await platform.setFeature(call["feature"], of: call["app"], call.body))
        }
    }

    /// A page of a list, as the `Range` header asks for it.
    static func list<Item: Sendable>(
        _ items: [Item], _ call: Call, attributes: [String], key: (Item, String) -> String, json: (Item) -> JSON
    ) throws(APIError) -> Reply {
        let range = try ListRange(call.request.headers["Range"], attributes: attributes)
        let page = ListPage(of: items, range) { key($0, range.attribute) }
        var reply = Reply(.array(page.items.map(json)), status: page.nextRange == nil ? 200 : 206)
        reply.headers["Accept-Ranges"] = attributes.joined(separator: ", ")
        reply.headers["Content-Range"] = page.contentRange
        reply.headers["Next-Range"] = page.nextRange
        return reply
    }
}

import SlipwayBase

/// How many dynos of which size an app has of one process type.
struct FormationType: Sendable {
    let id = makeIdentifier()
    let type: String
    var quantity: Int
    var size = "Basic"
    /// Overrides the image's command.
    var command: String?
    let createdAt = Timestamp.now()
    var updatedAt = Timestamp.now()

    init(type: String, quantity: Int) {
        self.type = type
        self.quantity = quantity
    }

    /// - Parameter image: what the app's newest release has for this type.
    func json(of app: SandboxApp, image: ImageReference?) -> JSON {
        [
            "app": app.reference, "command": .string(command ?? image?.commandLine ?? ""),
            "created_at": .string(createdAt.apiText), "updated_at": .string(updatedAt.apiText), "id": .string(id),
            "dyno_size": ["id": .string(FormationType.sizeID), "name": .string(size.lowercased())],
            "quantity": .integer(quantity), "size": .string(size), "type": .string(type),
        ]
    }

    static let sizeID = "3a1ac1f0-5a64-4ea6-ab3b-cf25b1fe28e7"

    static func isValid(type: String) -> Bool {
        (1...128).contains(type.utf8.count)
            && type.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
    }
}

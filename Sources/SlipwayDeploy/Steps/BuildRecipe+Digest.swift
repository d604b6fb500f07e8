import Foundation
import SlipwayCore
import SlipwayNet

extension App {
    /// A digest of everything besides the commit that decides what is built and whether its tests were passed: an
    /// image is used again only where both would come out the same.
    var recipeDigest: String {
        let facts = Facts(
            dockerfile: build.dockerfile, context: build.context, stage: build.stage ?? "",
            arguments: build.arguments.map { [$0.name, $0.value] }, testImage: test?.image ?? "",
            testScript: test?.run ?? "", testEnvironment: test?.environment.map { [$0.name, $0.value] } ?? [])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Strings only: there is nothing in it that cannot be encoded.
        let text = (try? encoder.encode(facts)) ?? Data()
        return SHA256.hash(Array(text)).hex
    }

    private struct Facts: Encodable {
        var dockerfile: String
        var context: String
        var stage: String
        var arguments: [[String]]
        var testImage: String
        var testScript: String
        var testEnvironment: [[String]]
    }
}

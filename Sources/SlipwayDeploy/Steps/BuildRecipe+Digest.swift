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
            testScript: test?.run ?? "", testEnvironment: test?.environment.map { [$0.name, $0.value] } ?? [],
            secrets: build.secrets.isEmpty ? nil : build.secrets.map(\.name),
            ssh: build.ssh.isEmpty ? nil : build.ssh.map(\.id))
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
        /// Names only: a value that is changed makes no other image, and no digest gives away what it is. nil, as in
        /// digests of before there were any, for none.
        var secrets: [String]?
        var ssh: [String]?
    }
}

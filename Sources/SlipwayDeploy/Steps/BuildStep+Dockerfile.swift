import Foundation
import SlipwayBase
import SlipwayCore

extension BuildStep {
    /// The Dockerfile of a build. `build.dockerfile` counts from the root; left at its default it is the context's where the
    /// root has none, as in a compose file.
    func dockerfile(of recipe: BuildRecipe, _ tree: SourceTree, _ log: StepLog) async throws -> String {
        let inContext = Self.join(recipe.context, recipe.dockerfile)
        let isDefault = recipe.dockerfile == BuildRecipe().dockerfile
        switch (tree.has(recipe.dockerfile), inContext != recipe.dockerfile && tree.has(inContext)) {
        case (false, true) where isDefault:
            await log.line(
                "building by \(inContext.singleLine(limit: 200)), because the root has no Dockerfile")
            return try tree.path(inContext, "build.dockerfile")
        case (true, true) where isDefault:
            await log.line(
                "building by the root's Dockerfile and not by \(inContext.singleLine(limit: 200)); "
                    + "build.dockerfile names the other one")
        case (false, _):
            let others = candidates(recipe, tree)
            guard !others.isEmpty else { break }
            throw StepFailure(
                "the commit has no \(recipe.dockerfile.singleLine(limit: 200)), which build.dockerfile names, counted from "
                    + "the root; it has \(others.joined(separator: ", ")): set build.dockerfile to the one that is meant"
            )
        default: break
        }
        return try tree.path(recipe.dockerfile, "build.dockerfile")
    }

    /// What else may be meant, in the root and in the context.
    private func candidates(_ recipe: BuildRecipe, _ tree: SourceTree) -> [String] {
        var found: [String] = []
        for folder in Set([".", Self.join(recipe.context, ".")]).sorted() {
            found += tree.names(in: folder).filter(Self.looksLikeDockerfile).map { Self.join(folder, $0) }
        }
        let named = Self.join(recipe.context, recipe.dockerfile)
        if tree.has(named), !found.contains(named) { found.append(named) }
        return found.sorted().prefix(5).map { $0.singleLine(limit: 100) }
    }

    private static func looksLikeDockerfile(_ name: String) -> Bool {
        let name = name.lowercased()
        return !name.hasSuffix(".dockerignore")
            && (name.hasPrefix("dockerfile") || name.hasSuffix(".dockerfile") || name == "containerfile")
    }

    /// Two paths of the configuration as one, without `.` in it.
    private static func join(_ folder: String, _ name: String) -> String {
        let parts = (folder + "/" + name).split(separator: "/").filter { $0 != "." }
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }
}

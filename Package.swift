// swift-tools-version: 6.2
import PackageDescription

// Modules stand in the order in which a delivery meets them; README.md, "How it works", says what each is for.
// A module sees only what is listed here, so the direction of imports is held by the compiler.
let package = Package(
    name: "slipway",
    products: [
        .executable(name: "slipway", targets: ["slipway"])
    ],
    dependencies: [
        // Exact, because Package.resolved is not committed.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    ],
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),

        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        .target(name: "SlipwayBase"),
        .target(name: "SlipwayCore", dependencies: ["SlipwayBase"]),
        .target(name: "SlipwayNet", dependencies: ["SlipwayBase", "CLinux", "COpenSSL"]),
        .target(name: "SlipwayHTTP", dependencies: ["SlipwayBase", "CLinux", "CZlib", "SlipwayNet"]),
        .target(
            name: "SlipwayStore",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "CLinux", "CZlib", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "SlipwayIntake",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "SlipwayNet", "SlipwayHTTP",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "SlipwayDeploy",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "SlipwayNet",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .target(
            name: "SlipwayHeroku",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "SlipwayHTTP", "SlipwayNet", "SlipwayDeploy",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "SlipwayWeb",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "SlipwayNet", "SlipwayHTTP",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
            ]),
        .target(
            name: "HerokuSandbox",
            dependencies: [
                "SlipwayBase", "SlipwayHTTP", "SlipwayNet",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ], exclude: ["README.md"]),
        .executableTarget(
            name: "slipway",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "SlipwayNet", "SlipwayHTTP", "SlipwayStore", "SlipwayIntake",
                "SlipwayDeploy", "SlipwayHeroku", "SlipwayWeb", "HerokuSandbox",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "Yams", package: "Yams"),
            ]),

        .target(name: "TestSupport", dependencies: ["SlipwayNet", "SlipwayHTTP"], path: "Tests/Support"),
        .target(name: "TestSamples", dependencies: ["SlipwayBase", "SlipwayCore"], path: "Tests/Samples"),
        .target(
            name: "TestStores", dependencies: ["SlipwayBase", "SlipwayCore"], path: "Tests/Stores"),
        .target(
            name: "StoreConformance",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "TestLogs", "TestSamples", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ], path: "Tests/StoreConformance"),
        .target(name: "TestLogs", dependencies: [.product(name: "Logging", package: "swift-log")], path: "Tests/Logs"),
        .target(
            name: "TestPlatforms",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "SlipwayStore", "SlipwayDeploy", "TestSamples", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ], path: "Tests/Platforms"),
        .testTarget(name: "SlipwayBaseTests", dependencies: ["SlipwayBase"]),
        .testTarget(
            name: "SlipwayCoreTests", dependencies: ["SlipwayBase", "SlipwayCore", "TestSamples", "TestSupport"],
            resources: [.copy("Effects")]),
        .testTarget(name: "SlipwayNetTests", dependencies: ["SlipwayBase", "SlipwayNet", "TestSupport"]),
        .testTarget(
            name: "SlipwayHTTPTests", dependencies: ["SlipwayBase", "SlipwayNet", "SlipwayHTTP", "TestSupport"]),
        .testTarget(
            name: "SlipwayStoreTests",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "SlipwayStore", "StoreConformance", "TestLogs", "TestSamples",
                "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "SlipwayIntakeTests",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "SlipwayHTTP", "SlipwayNet", "SlipwayStore", "SlipwayIntake",
                "TestLogs", "TestSamples", "TestSupport",
            ],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "SlipwayDeployTests",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "SlipwayNet", "SlipwayHTTP", "SlipwayStore", "SlipwayDeploy",
                "SlipwayHeroku", "TestPlatforms", "TestSamples", "TestStores", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.copy("Detail/Samples")]),
        .testTarget(
            name: "SlipwayHerokuTests",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "SlipwayNet", "SlipwayHTTP", "SlipwayDeploy", "SlipwayHeroku",
                "HerokuSandbox", "TestLogs", "TestPlatforms", "TestSamples", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "SlipwayWebTests",
            dependencies: [
                "SlipwayBase", "SlipwayCore", "SlipwayNet", "SlipwayHTTP", "SlipwayStore", "SlipwayWeb", "CZlib",
                "TestLogs", "TestSamples", "TestSupport",
            ]),
        .testTarget(
            name: "HerokuSandboxTests",
            dependencies: [
                "SlipwayBase", "SlipwayNet", "SlipwayHTTP", "HerokuSandbox", "TestSupport",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .testTarget(
            name: "slipwayTests",
            dependencies: [
                "slipway", "SlipwayBase", "SlipwayCore", "SlipwayNet", "SlipwayHTTP", "SlipwayDeploy", "SlipwayHeroku",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "slipway", "SlipwayNet", "TestSupport", .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// scripts/sanitize and scripts/fuzz build the part that speaks to strangers, alone: all of it would take minutes more each.
if let part = Context.environment["SLIPWAY_PART"] {
    package.products = []
    package.dependencies = []
    package.targets.removeAll { target in
        !["CLinux", "COpenSSL", "CZlib", "TestSupport"].contains(target.name)
            && !["SlipwayBase", "SlipwayNet", "SlipwayHTTP"].contains { target.name.hasPrefix($0) }
    }
    if part == "fuzz" {
        // Its `main` is libFuzzer's, which an ordinary build does not have.
        package.targets.append(
            .executableTarget(
                name: "Fuzz", dependencies: ["SlipwayHTTP"], path: "Tests/Fuzz", exclude: ["Corpus", "dictionary"]))
    }
}

for target in package.targets where target.type != .system && target.name != "CLinux" {
    target.swiftSettings = [
        // `any` marks the places that pay for an existential.
        .enableUpcomingFeature("ExistentialAny"),
        // A file imports what it uses; without it an import in one file leaks into its neighbours.
        .enableUpcomingFeature("MemberImportVisibility"),
        // A module that is an implementation detail stays one.
        .enableUpcomingFeature("InternalImportsByDefault"),
        .treatAllWarnings(as: .error),
    ]
}

// swift-tools-version: 6.2
// Targets stand in dependency order, lowest first: the file reads as the architecture (docs/architecture.md).
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
]
/// The arithmetic is optimised in debug builds too: differential tests evaluate millions of 256-bit products, and the
/// quiet bound of the oracles takes millions of verdicts.
let arithmetic: [SwiftSetting] =
    settings + (Context.environment["PLIMSOLL_FAST_TESTS"] == "1" ? [.unsafeFlags(["-O"])] : [])

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let sockets: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let package = Package(
    name: "plimsoll",
    products: [
        .executable(name: "plimsoll", targets: ["plimsoll"]),
        .library(
            name: "PlimsollKit",
            targets: ["Ethereum", "ABI", "Bindings", "JSONRPC", "Chain", "Networks", "Lending", "Protocols", "Risk"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    ],
    targets: [
        // System libraries (Debian: libcurl4-openssl-dev, libsecp256k1-dev, zlib1g-dev).
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .systemLibrary(name: "CSecp256k1", pkgConfig: "libsecp256k1"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        // Values.
        .target(name: "JSON", swiftSettings: arithmetic),
        .target(name: "Ethereum", dependencies: ["CSecp256k1"], swiftSettings: arithmetic),
        .target(name: "ABI", dependencies: ["Ethereum", "JSON"], swiftSettings: arithmetic),
        .target(
            name: "Bindings", dependencies: ["ABI", "Ethereum"], swiftSettings: settings, plugins: ["GenerateBindings"]),
        // Reads.
        .target(
            name: "JSONRPC", dependencies: ["Ethereum", "JSON", "CCurl", "CZlib", logging] + sockets,
            swiftSettings: settings),
        .target(
            name: "Chain", dependencies: ["JSONRPC", "Bindings", "ABI", "Ethereum", "JSON", logging],
            swiftSettings: settings),
        .target(
            name: "Networks", dependencies: ["Ethereum", "JSON"], swiftSettings: settings, plugins: ["EmbedFiles"]),
        // Meaning.
        .target(name: "Pools", dependencies: ["Ethereum"], swiftSettings: arithmetic),
        .target(
            name: "Lending", dependencies: ["Pools", "Chain", "Networks", "Ethereum", "JSON"], swiftSettings: settings),
        .target(
            name: "Index",
            dependencies: ["Lending", "Chain", "Ethereum", "JSON", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings),
        .target(
            name: "Protocols",
            dependencies: ["Lending", "Chain", "Networks", "Bindings", "ABI", "Ethereum", "JSON", logging],
            swiftSettings: settings),
        .target(name: "Risk", dependencies: ["Lending", "Chain", "Ethereum", "JSON"], swiftSettings: arithmetic),
        .target(
            name: "Keeper",
            dependencies: [
                "Lending", "Pools", "Chain", "Bindings", "ABI", "Ethereum", "JSON",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .target(
            name: "Oracles",
            dependencies: [
                "Protocols", "Lending", "Pools", "Chain", "Networks", "JSONRPC", "Bindings", "ABI", "Ethereum", "JSON",
                logging,
            ], swiftSettings: arithmetic),
        .target(
            name: "Server",
            dependencies: [
                "Keeper", "Networks", "JSONRPC", "Ethereum", "JSON", logging,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            ] + sockets, swiftSettings: settings),
        .executableTarget(
            name: "plimsoll",
            dependencies: [
                "Server", "Oracles", "Keeper", "Risk", "Protocols", "Index", "Lending", "Pools", "Networks", "Chain",
                "JSONRPC", "ABI", "Ethereum", "JSON", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["Demo"], swiftSettings: settings, plugins: ["EmbedFiles"]),
        // Built, never shipped: writes Swift from abis/*.json and from files that travel inside the program.
        .executableTarget(name: "abigen", dependencies: ["ABI", "JSON", "Ethereum"], swiftSettings: settings),
        .plugin(name: "GenerateBindings", capability: .buildTool(), dependencies: ["abigen"]),
        .plugin(name: "EmbedFiles", capability: .buildTool(), dependencies: ["abigen"]),
        // Tests.
        .target(
            name: "TestSupport", dependencies: ["JSONRPC", "Ethereum", "JSON", "CZlib"], path: "Tests/Support",
            swiftSettings: settings),
        // A family to copy (docs/adding-a-protocol.md), built so that it works.
        .target(
            name: "Template", dependencies: ["Lending", "Chain", "Networks", "Ethereum"], path: "Tests/Template",
            swiftSettings: settings),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"], swiftSettings: settings),
        .testTarget(name: "EthereumTests", dependencies: ["Ethereum", "JSON", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "ABITests", dependencies: ["ABI", "Bindings", "Ethereum", "JSON", "abigen", "TestSupport"],
            exclude: ["Sample/Sample.json"], swiftSettings: settings),
        .testTarget(
            name: "JSONRPCTests", dependencies: ["JSONRPC", "Ethereum", "JSON", "TestSupport"] + sockets,
            swiftSettings: settings),
        .testTarget(
            name: "ChainTests", dependencies: ["Chain", "JSONRPC", "Ethereum", "JSON", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "NetworksTests", dependencies: ["Networks", "Ethereum", "JSON", "abigen", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "ProtocolsTests",
            dependencies: [
                "Protocols", "Keeper", "Risk", "Lending", "Pools", "Networks", "Chain", "JSONRPC", "Bindings",
                "Ethereum", "JSON", "Template", "TestSupport",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "IndexTests", dependencies: ["Index", "Lending", "Chain", "Ethereum", "JSON", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "RiskTests",
            dependencies: [
                "Risk", "Lending", "Protocols", "Networks", "Chain", "JSONRPC", "Ethereum", "JSON", "TestSupport",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "KeeperTests",
            dependencies: ["Keeper", "Lending", "Pools", "Chain", "Ethereum", "JSON", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "OraclesTests",
            dependencies: [
                "Oracles", "Protocols", "Lending", "Pools", "Chain", "Networks", "JSONRPC", "ABI", "Ethereum", "JSON",
                "TestSupport",
            ], swiftSettings: settings),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "plimsoll", "Oracles", "Protocols", "Index", "Lending", "Risk", "Networks", "Ethereum", "JSON",
                "TestSupport", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "Keeper", "Chain", "Networks", "JSONRPC", "Ethereum", "JSON", logging,
            ] + sockets, swiftSettings: settings),
        // The built program against real contracts on the development chain.
        .testTarget(
            name: "DifferentialTests",
            dependencies: [
                "plimsoll", "Oracles", "Keeper", "Protocols", "Index", "Lending", "Pools", "Networks", "Chain",
                "JSONRPC", "ABI", "Ethereum", "JSON", "TestSupport",
            ], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)

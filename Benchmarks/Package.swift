// swift-tools-version: 6.2
// A package of its own, so that what is only measured never reaches the product's graph.
import PackageDescription

let package = Package(
    name: "plimsoll-benchmarks",
    dependencies: [.package(name: "plimsoll", path: "..")],
    targets: [
        .executableTarget(
            name: "plimsoll-bench",
            dependencies: [.product(name: "PlimsollKit", package: "plimsoll")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ]),
        // A loopback node for the log figures: as fast as the kernel hands bytes on.
        .executableTarget(name: "plimsoll-log-server"),
    ],
    swiftLanguageModes: [.v6]
)

// swift-tools-version: 6.2
// A package of its own: what hunts for crashes is no part of the product.
import PackageDescription

let package = Package(
    name: "plimsoll-fuzzing",
    dependencies: [.package(name: "plimsoll", path: "..")],
    targets: [
        .executableTarget(
            name: "plimsoll-fuzz",
            dependencies: [.product(name: "PlimsollKit", package: "plimsoll")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
                .strictMemorySafety(),
            ])
    ],
    swiftLanguageModes: [.v6]
)

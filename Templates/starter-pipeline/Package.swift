// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "training",
  platforms: [.macOS(.v13)],
  products: [.executable(name: "Training", targets: ["Training"])],
  dependencies: [
    // In a package of your own, here stands the address of swift-sematic and the version to start from.
    .package(name: "swift-sematic", path: "../..")
  ],
  targets: [
    .executableTarget(name: "Training", dependencies: [.product(name: "Sematic", package: "swift-sematic")])
  ]
)

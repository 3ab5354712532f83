// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "word-count",
  platforms: [.macOS(.v13)],
  products: [.executable(name: "WordCount", targets: ["WordCount"])],
  dependencies: [
    // In a package of your own, here stands the address of swift-sematic and the version to start from.
    .package(name: "swift-sematic", path: "../..")
  ],
  targets: [
    .executableTarget(
      name: "WordCount",
      dependencies: ["Words", .product(name: "SematicLaunch", package: "swift-sematic")],
      resources: [.copy("Resources/rain.txt")]),
    .target(name: "Words", resources: [.copy("Resources/common-words.txt")]),
  ]
)

// swift-tools-version: 5.9
import PackageDescription

// Small programs of every shape that SwiftPM knows, in a package that is as old as the tools allow.
let package = Package(
  name: "Zoo mit Umläuten",
  platforms: [.macOS(.v13)],
  products: [
    .executable(name: "Grüße an alle", targets: ["Greetings"]),
    .executable(name: "net", targets: ["Net"]),
    .executable(name: "mixed", targets: ["Mixed"]),
    .executable(name: "linked", targets: ["Linked"]),
  ],
  dependencies: [
    .package(name: "swift-sematic", path: "../../.."),
    .package(name: "zoo-library", path: "../library"),
  ],
  targets: [
    // With another name than its folder: the linker that SwiftPM uses on Linux refuses a target with umlauts.
    .executableTarget(name: "Greetings", path: "Sources/Grüße", resources: [.copy("Ein Ordner")]),
    .executableTarget(name: "Net"),
    .target(name: "CxxPart"),
    .executableTarget(
      name: "Mixed", dependencies: ["CxxPart"], swiftSettings: [.interoperabilityMode(.Cxx)]),
    .executableTarget(name: "Linked", dependencies: [.product(name: "ZooShapes", package: "zoo-library")]),
    // Neither has a product: one is a pipeline, the other only serves the plugin.
    .executableTarget(name: "Generated", plugins: ["Generate"]),
    .executableTarget(name: "Generator"),
    .plugin(name: "Generate", capability: .buildTool(), dependencies: ["Generator"]),
  ],
  cxxLanguageStandard: .cxx17
)

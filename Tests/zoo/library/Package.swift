// swift-tools-version: 5.9
import PackageDescription

let package = Package(
  name: "zoo-library",
  platforms: [.macOS(.v13)],
  products: [.library(name: "ZooShapes", type: .dynamic, targets: ["ZooShapes"])],
  targets: [.target(name: "ZooShapes", resources: [.process("Resources")])]
)

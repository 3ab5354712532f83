// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "probe-library",
  products: [.library(name: "ProbeLibrary", type: .dynamic, targets: ["ProbeLibrary"])],
  targets: [.target(name: "ProbeLibrary", resources: [.copy("Resources/note.txt")])]
)

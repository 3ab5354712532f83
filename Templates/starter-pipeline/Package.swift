// swift-tools-version: 6.1
import PackageDescription

// Sematic as a library beside the program, in a layer of its own: after one changed line, 25 kB are sent. The product
// Sematic is linked into the program, which is then 300 kB: so it has to be on a Mac, where programs for images are made
// with Swift's SDK for static Linux programs.
#if os(macOS)
  let sematic = "Sematic"
#else
  let sematic = "SematicDynamic"
#endif

let package = Package(
  name: "training",
  platforms: [.macOS(.v13)],
  products: [.executable(name: "Training", targets: ["Training"])],
  dependencies: [
    // In a package of your own, here stands the address of swift-sematic and the version to start from.
    .package(name: "swift-sematic", path: "../..")
  ],
  targets: [
    .executableTarget(name: "Training", dependencies: [.product(name: sematic, package: "swift-sematic")])
  ]
)

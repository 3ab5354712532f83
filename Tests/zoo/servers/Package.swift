// swift-tools-version: 6.0
import CompilerPluginSupport
import PackageDescription

// Programs above the packages that people use most. Tests/zoo/run builds them into images and runs those.
let package = Package(
  name: "servers",
  platforms: [.macOS(.v14)],
  products: ["Server", "Client", "Database", "Settings", "Measured"].map { .executable(name: $0, targets: [$0]) },
  dependencies: [
    .package(name: "swift-sematic", path: "../../.."),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.0.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.20.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.0.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.0.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.0.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "5.0.0"),
    .package(url: "https://github.com/swiftlang/swift-syntax", from: "602.0.0"),
  ],
  targets: [
    .executableTarget(
      name: "Server", dependencies: [.product(name: "Hummingbird", package: "hummingbird")],
      resources: [.copy("Resources/greeting.txt")]),
    .executableTarget(
      name: "Client",
      dependencies: [
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    .executableTarget(name: "Database", dependencies: [.product(name: "GRDB", package: "GRDB.swift")]),
    .executableTarget(name: "Settings", dependencies: [.product(name: "Yams", package: "Yams")]),
    .macro(
      name: "Macros",
      dependencies: [
        .product(name: "SwiftSyntax", package: "swift-syntax"),
        .product(name: "SwiftSyntaxMacros", package: "swift-syntax"),
        .product(name: "SwiftCompilerPlugin", package: "swift-syntax"),
      ]),
    .target(name: "Constants", dependencies: ["Macros"]),
    .executableTarget(name: "Measured", dependencies: ["Constants"]),
  ]
)

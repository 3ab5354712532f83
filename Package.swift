// swift-tools-version: 6.1
import PackageDescription

// CPU seconds for a first `swift package <verb>` on 2 cores, each dependency added to the one before: Foundation alone 6,
// swift-argument-parser 13, Yams 17. FlyingFox as the embedded registry's server would add 11 to that, and would run
// unoptimised (a tool of a plugin is built in debug); the server in Sources/LocalRegistry costs 1. libcurl, zlib and
// libcrypto are loaded at run time (Sources/CLibraries) and cost nothing. Redo with Tests/Benchmarks/run.
let dependencies: [Package.Dependency] = [
  .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
]

// Only macOS has a sandbox to open. Linux would ask for a declared permission at every run, and open nothing by it.
#if os(macOS)
  let permissions: (_ verb: String) -> [PluginPermission] = { verb in
    verb == "build-image"
      ? [.allowNetworkConnections(scope: .all(ports: [80, 443]), reason: "Reads base images from their registries")]
      : [
        .allowNetworkConnections(scope: .all(), reason: "Exchanges images with registries and starts the embedded one")
      ]
  }
#else
  let permissions: (_ verb: String) -> [PluginPermission] = { _ in [] }
#endif

func verb(_ name: String, verb: String, does: String) -> Target {
  .plugin(
    name: name,
    capability: .command(intent: .custom(verb: verb, description: does), permissions: permissions(verb)),
    dependencies: ["ImageTool"])
}

let package = Package(
  name: "swift-sematic",
  platforms: [.macOS(.v13)],
  products: [
    .plugin(name: "BuildImage", targets: ["BuildImage"]),
    .plugin(name: "PushImage", targets: ["PushImage"]),
    .plugin(name: "RunPipeline", targets: ["RunPipeline"]),
    .plugin(name: "RunLocal", targets: ["RunLocal"]),
    .executable(name: "ImageTool", targets: ["ImageTool"]),
    .library(name: "Sematic", targets: ["Sematic"]),
    .library(name: "SematicDynamic", type: .dynamic, targets: ["Sematic"]),
    .library(name: "LaunchVariables", targets: ["LaunchVariables"]),
  ],
  traits: [
    .trait(
      name: "Libdeflate", description: "Compresses layers with libdeflate, loaded at run time: half the time of zlib")
  ],
  dependencies: dependencies,
  targets: [
    verb("BuildImage", verb: "build-image", does: "Builds an OCI image of an executable product, without Docker"),
    verb("PushImage", verb: "push-image", does: "Builds an image and pushes it; prints name@sha256:..."),
    verb(
      "RunPipeline", verb: "run-pipeline", does: "Builds and pushes the image, then starts the launch program with it"),
    verb("RunLocal", verb: "run-local", does: "Starts the launch program here, without an image"),

    .executableTarget(
      name: "ImageTool",
      dependencies: [
        "OCI", "FileSystem", "Archive", "PipelineConfiguration", "ImageAssembly", "ImageStore", "ImageCheck",
        "LocalRegistry", "LaunchVariables", "Templates",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(name: "CLibraries"),
    .target(name: "OCI", dependencies: ["CLibraries"]),
    .target(name: "FileSystem"),
    .target(name: "Archive", dependencies: ["OCI", "FileSystem", "CLibraries"]),
    .target(
      name: "PipelineConfiguration", dependencies: ["OCI", "FileSystem", .product(name: "Yams", package: "Yams")]),
    .target(name: "ImageAssembly", dependencies: ["OCI", "FileSystem", "Archive", "CLibraries"]),
    .target(name: "ImageStore", dependencies: ["OCI", "FileSystem", "Archive", "CLibraries"]),
    .target(name: "ImageCheck", dependencies: ["OCI", "FileSystem", "Archive", "ImageAssembly"]),
    .target(name: "LocalRegistry", dependencies: ["OCI", "FileSystem"]),
    .target(name: "LaunchVariables"),
    .target(name: "Sematic", dependencies: ["LaunchVariables", "CLibraries"]),
    .target(
      name: "Templates", dependencies: ["FileSystem"], path: "Templates",
      exclude: ["starter", "starter-python", "starter-pipeline", "try", "install-packages"],
      sources: ["Templates.swift"],
      resources: [
        "worker-base.json", "worker-cuda.json", "worker-entrypoint.sh", "worker-python-entrypoint.sh",
        "install-requirements.py", "sematic.yaml",
      ].map { .copy($0) }),

    .target(
      name: "TestSupport",
      dependencies: ["OCI", "FileSystem", "Archive", "ImageAssembly", "ImageStore", "LocalRegistry"],
      path: "Tests/TestSupport"),
    .testTarget(name: "OCITests", dependencies: ["OCI", "TestSupport"]),
    .testTarget(name: "FileSystemTests", dependencies: ["FileSystem", "TestSupport"]),
    .testTarget(name: "ArchiveTests", dependencies: ["Archive", "TestSupport"]),
    .testTarget(
      name: "PipelineConfigurationTests", dependencies: ["PipelineConfiguration", "TestSupport", "Templates"]),
    .testTarget(name: "ImageAssemblyTests", dependencies: ["ImageAssembly", "TestSupport"]),
    .testTarget(name: "ImageStoreTests", dependencies: ["ImageStore", "LocalRegistry", "TestSupport"]),
    .testTarget(name: "ImageCheckTests", dependencies: ["ImageCheck", "ImageAssembly", "TestSupport"]),
    .testTarget(name: "LocalRegistryTests", dependencies: ["LocalRegistry", "TestSupport"]),
    .testTarget(
      name: "ImageToolTests",
      dependencies: [
        "ImageTool", "ImageCheck", "ImageStore", "LaunchVariables", "OCI", "FileSystem", "PipelineConfiguration",
        "TestSupport",
      ]),
    .testTarget(
      name: "FaultTests",
      dependencies: [
        "OCI", "FileSystem", "Archive", "PipelineConfiguration", "ImageAssembly", "ImageStore", "LocalRegistry",
        "ImageTool", "TestSupport",
      ]),
    .testTarget(name: "EndToEndTests", dependencies: ["OCI", "FileSystem", "TestSupport"]),
    .testTarget(name: "LaunchVariablesTests", dependencies: ["LaunchVariables"]),
    .testTarget(
      name: "SematicTests", dependencies: ["Sematic", "LaunchVariables", "SematicTestProgram", "TestSupport"],
      exclude: ["Fixtures"]),
    .executableTarget(name: "SematicTestProgram", dependencies: ["Sematic"], path: "Tests/SematicTestProgram"),
    .testTarget(name: "PluginTests", dependencies: ["OCI", "FileSystem", "TestSupport", "Templates"]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .plugin && target.name != "CLibraries" {
  target.swiftSettings = ["ExistentialAny", "MemberImportVisibility"].map { .enableUpcomingFeature($0) }
}

// A plugin's tool is compiled in debug by everybody who uses the plugin. Without debug information, and with one
// compiler process for a module instead of two, that takes a quarter less time: 37 CPU seconds instead of 50 on the same
// machine. The compiler's check of its own LLVM code takes another tenth of our modules. Function names stay. Not for
// Sematic and what it is made of: SwiftPM refuses such settings in a library that others link.
let compiledByUsers: Set = [
  "ImageTool", "Archive", "FileSystem", "ImageAssembly", "ImageCheck", "ImageStore", "LocalRegistry", "OCI",
  "PipelineConfiguration",
  "Templates",
]
for target in package.targets where compiledByUsers.contains(target.name) {
  target.swiftSettings?.append(
    .unsafeFlags(
      ["-gnone", "-driver-batch-count", "1", "-Xfrontend", "-disable-llvm-verify"], .when(configuration: .debug)))
}

// swift-tools-version: 6.1
import PackageDescription

// CPU seconds for a first `swift package <verb>` on 2 cores, each dependency added to the one before: Foundation alone 6,
// swift-argument-parser 13, Yams 17. FlyingFox as the embedded registry's server would add 11 to that, and would run
// unoptimised (a tool of a plugin is built in debug); the server in Sources/SematicRegistryServer costs 1. libcurl, zlib and
// libcrypto are loaded at run time (Sources/CSematic) and cost nothing. Redo with Tests/Benchmarks/run.
let dependencies: [Package.Dependency] = [
  // 1.3.1 is the first whose CommandConfiguration is Sendable, which the Swift 6 language mode asks of `static let`.
  .package(url: "https://github.com/apple/swift-argument-parser", from: "1.3.1"),
  // As wide as it compiles and passes the tests: a package that is held at Yams 5 can use this one, too.
  .package(url: "https://github.com/jpsim/Yams", "5.0.1"..<"7.0.0"),
]

// Only macOS has a sandbox to open. Linux would ask for a declared permission at every run, and open nothing by it.
#if os(macOS)
  let permissions: (_ verb: String) -> [PluginPermission] = { verb in
    let reasons = [
      "build-image": "Reads base images from their registries, and Python packages from their index",
      "run-local": "The launch program may connect to servers, such as Sematic's",
    ]
    // Any port, since a registry or an index may have any. No permission lets a plugin listen.
    return [.allowNetworkConnections(scope: .all(), reason: reasons[verb] ?? "Exchanges images with registries")]
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
    .library(name: "SematicLaunch", targets: ["SematicLaunch"]),
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
        "SematicSystem", "SematicOCI", "SematicFiles", "SematicArchive", "SematicELF", "SematicConfiguration",
        "SematicPython", "SematicAssembly", "SematicImages", "SematicRegistryClient", "SematicRegistryServer",
        "SematicCheck", "SematicInventory",
        "SematicLaunch", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(name: "CSematic"),
    .target(name: "SematicSystem", dependencies: ["CSematic"]),
    .target(name: "SematicOCI", dependencies: ["SematicSystem", "CSematic"]),
    .target(name: "SematicFiles", dependencies: ["SematicSystem", "CSematic"]),
    .target(name: "SematicArchive", dependencies: ["SematicSystem", "SematicOCI", "SematicFiles", "CSematic"]),
    .target(name: "SematicELF", dependencies: ["SematicSystem", "SematicFiles"]),
    .target(
      name: "SematicConfiguration",
      dependencies: ["SematicSystem", "SematicOCI", "SematicFiles", .product(name: "Yams", package: "Yams")]),
    .target(name: "SematicPython", dependencies: ["SematicSystem", "SematicOCI", "SematicFiles"]),
    .target(
      name: "SematicAssembly",
      dependencies: ["SematicSystem", "SematicOCI", "SematicFiles", "SematicArchive", "SematicELF"]),
    .target(name: "SematicImages", dependencies: ["SematicSystem", "SematicOCI", "SematicFiles", "SematicArchive"]),
    .target(
      name: "SematicRegistryClient",
      dependencies: ["SematicSystem", "SematicOCI", "SematicFiles", "SematicImages", "CSematic"]),
    .target(name: "SematicRegistryServer", dependencies: ["SematicSystem", "SematicOCI", "SematicFiles"]),
    .target(
      name: "SematicCheck",
      dependencies: ["SematicSystem", "SematicOCI", "SematicFiles", "SematicArchive", "SematicELF"]),
    .target(
      name: "SematicInventory",
      dependencies: ["SematicSystem", "SematicOCI", "SematicFiles", "SematicArchive", "CSematic"]),
    .target(name: "SematicLaunch"),
    .target(name: "Sematic", dependencies: ["SematicLaunch", "CSematic"]),
    .target(
      name: "TestSupport",
      dependencies: [
        "SematicOCI", "SematicFiles", "SematicArchive", "SematicELF", "SematicAssembly", "SematicImages",
        "SematicRegistryClient", "SematicRegistryServer",
      ],
      path: "Tests/TestSupport"),
    .testTarget(name: "OCITests", dependencies: ["SematicOCI", "TestSupport"]),
    .testTarget(name: "FilesTests", dependencies: ["SematicFiles", "SematicSystem", "TestSupport"]),
    .testTarget(name: "ArchiveTests", dependencies: ["SematicArchive", "TestSupport"]),
    .testTarget(
      name: "ConfigurationTests", dependencies: ["SematicConfiguration", "TestSupport"]),
    .testTarget(
      name: "ELFTests",
      dependencies: ["SematicELF", "SematicAssembly", "SematicArchive", "SematicFiles", "SematicOCI", "TestSupport"]),
    .testTarget(
      name: "PythonTests",
      dependencies: ["SematicPython", "SematicSystem", "SematicFiles", "SematicOCI", "TestSupport"]),
    .testTarget(
      name: "AssemblyTests",
      dependencies: ["SematicAssembly", "SematicELF", "SematicArchive", "SematicFiles", "SematicOCI", "TestSupport"]),
    .testTarget(
      name: "ImagesTests",
      dependencies: [
        "SematicImages", "SematicRegistryClient", "SematicRegistryServer", "SematicArchive", "SematicFiles",
        "SematicOCI",
        "TestSupport",
      ]),
    .testTarget(
      name: "RegistryClientTests",
      dependencies: [
        "SematicRegistryClient", "SematicImages", "SematicRegistryServer", "SematicArchive", "SematicFiles",
        "SematicOCI", "ImageTool", "TestSupport",
      ]),
    .testTarget(
      name: "CheckTests",
      dependencies: [
        "SematicCheck", "SematicELF", "SematicArchive", "SematicFiles", "SematicOCI", "TestSupport",
      ]),
    .testTarget(
      name: "InventoryTests",
      dependencies: [
        "SematicInventory", "SematicArchive", "SematicFiles", "SematicOCI", "SematicSystem", "TestSupport",
      ]),
    .testTarget(name: "RegistryServerTests", dependencies: ["SematicRegistryServer", "TestSupport"]),
    .testTarget(
      name: "ImageToolTests",
      dependencies: [
        "ImageTool", "SematicCheck", "SematicInventory", "SematicImages", "SematicRegistryClient",
        "SematicRegistryServer", "SematicAssembly", "SematicArchive", "SematicELF", "SematicLaunch", "SematicOCI",
        "SematicFiles", "SematicConfiguration", "SematicSystem", "TestSupport",
      ]),
    .testTarget(
      name: "FaultTests",
      dependencies: [
        "SematicOCI", "SematicFiles", "SematicArchive", "SematicELF", "SematicConfiguration", "SematicAssembly",
        "SematicImages", "SematicInventory", "SematicRegistryClient", "SematicRegistryServer",
        "ImageTool", "TestSupport",
      ]),
    .testTarget(name: "EndToEndTests", dependencies: ["SematicOCI", "SematicFiles", "TestSupport"]),
    .testTarget(name: "LaunchTests", dependencies: ["SematicLaunch"]),
    .testTarget(
      name: "SematicTests", dependencies: ["Sematic", "SematicLaunch", "SematicTestProgram", "TestSupport"],
      exclude: ["Fixtures"]),
    .executableTarget(name: "SematicTestProgram", dependencies: ["Sematic"], path: "Tests/SematicTestProgram"),
    .testTarget(name: "PluginTests", dependencies: ["SematicOCI", "SematicFiles", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .plugin && target.name != "CSematic" {
  target.swiftSettings = [.enableUpcomingFeature("ExistentialAny")]
}

// A plugin's tool is compiled in debug by everybody who uses the plugin. Each module in one go by one compiler process,
// and without debug information, takes a sixth less CPU time. SwiftPM appends -g, so that only the frontend's own flag
// has the last word; -disable-batch-mode silences the driver's warning that it is off. Function names stay. More than
// another quarter of our modules is work that changes nothing in what the code does: the compiler's checks of its own
// code, a hash for compiling a file again, removals of what is superfluous, and the search for data races, which every
// release build does.
// Not for Sematic and what it is made of: SwiftPM refuses such settings in a library that others link.
let skippedPasses = [
  "mandatory-redundant-load-elimination", "onone-simplification", "late-onone-simplification", "use-prespecialized",
  "send-non-sendable",
]
let compiledByUsers: Set = [
  "ImageTool", "SematicSystem", "SematicOCI", "SematicFiles", "SematicArchive", "SematicELF", "SematicConfiguration",
  "SematicPython", "SematicAssembly",
  "SematicImages", "SematicRegistryClient", "SematicRegistryServer", "SematicCheck",
  "SematicInventory",
]
let frontendFlags = ["-gnone", "-sil-verify-none", "-disable-llvm-verify", "-disable-incremental-llvm-codegen"]
// Not in one expression, which the compiler would take two seconds for, whenever SwiftPM reads this file.
var debugFlags = ["-wmo", "-disable-batch-mode", "-num-threads", "1", "-no-emit-module-separately-wmo"]
for flag in frontendFlags { debugFlags += ["-Xfrontend", flag] }
for pass in skippedPasses { debugFlags += ["-Xllvm", "-sil-disable-pass=\(pass)"] }
for target in package.targets where compiledByUsers.contains(target.name) {
  // Where a module is compiled in several processes, the compiler takes `timespec` for one of SwiftOverlayShims in some of
  // them, and then refuses its members.
  target.swiftSettings?.append(.enableUpcomingFeature("MemberImportVisibility"))
  target.swiftSettings?.append(.unsafeFlags(debugFlags, .when(configuration: .debug)))
}

/// Takes an ImageTool that is compiled already in place of the sources, and of everything that only they need.
@MainActor func use(compiled tool: Target) {
  let linkedByUsers = ["CSematic", "SematicLaunch", "Sematic"]
  package.targets = package.targets.filter { $0.type == .plugin || linkedByUsers.contains($0.name) } + [tool]
  package.products.removeAll { $0.name == "ImageTool" }
  package.dependencies = []
}

// `source`, or the path of an ImageTool.artifactbundle. SwiftPM wants it from this folder on.
let chosenTool = Context.environment["SEMATIC_IMAGE_TOOL"] ?? ""
if !["", "source"].contains(chosenTool) {
  let up = chosenTool.hasPrefix("/") ? Context.packageDirectory.split(separator: "/").map { _ in "../" }.joined() : ""
  use(compiled: .binaryTarget(name: "ImageTool", path: up + chosenTool.drop { $0 == "/" }))
}

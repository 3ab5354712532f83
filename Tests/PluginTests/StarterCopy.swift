import Foundation
import SematicFiles
import TestSupport
import Testing

/// The suites that run the real verbs. One after the other: they share one package, and SwiftPM locks it.
@Suite(
  .serialized, .enabled(if: ContainerBundle.isAvailable && ChildProcess.canRun("swift", "setsid")), .ownThread,
  .usualPort)
struct PluginTests {}

/// The suites that run the verbs in packages of their own, beside `PluginTests`. None pushes to the embedded registry.
@Suite(.serialized, .enabled(if: ContainerBundle.isAvailable && ChildProcess.canRun("swift", "setsid")), .ownThread)
struct PackageTests {}

/// The starter package as a newcomer copies it, with one product more: Probe, which tells what it finds.
struct StarterCopy {
  let path: String
  let scratch = VerbScratch.path

  static let repository = VerbScratch.repository
  private static let home = VerbScratch.home

  /// The copy that all tests use, kept from one run to the next.
  static func shared() throws -> StarterCopy { try sharedCopy.get() }
  private static let sharedCopy = Result { try StarterCopy(path: home + "/word-count") }

  /// What a test did to the shared copy is undone by the next one that asks for it.
  init(path: String) throws {
    self.path = path
    try Self.synchronize(Self.repository + "/Templates/starter", to: path)
    try Self.synchronize(Self.repository + "/Tests/Fixtures/Probe", to: path + "/Sources/Probe")
    try Self.synchronize(
      Self.repository + "/Tests/Fixtures/probe-library", to: FileTree.parent(of: path) + "/probe-library")
    var manifest = String(
      decoding: try FileTree.read(Self.repository + "/Templates/starter/Package.swift"), as: UTF8.self)
    for (text, replacement) in [
      ("path: \"../..\")", "path: \"\(Self.repository)\"),\n    .package(path: \"../probe-library\"),"),
      ("products: [", "products: [.executable(name: \"Probe\", targets: [\"Probe\"]), "),
      (
        "targets: [\n",
        """
        targets: [
          .executableTarget(
            name: "Probe",
            dependencies: [
              "Words", .product(name: "SematicLaunch", package: "swift-sematic"),
              .product(name: "ProbeLibrary", package: "probe-library"),
            ],
            resources: [.copy("Resources/a note.txt")]),

        """
      ),
    ] {
      guard manifest.contains(text) else {
        throw ChildProcess.Failure("Templates/starter/Package.swift has no '\(text)'")
      }
      manifest = manifest.replacingOccurrences(of: text, with: replacement)
    }
    try Self.write(Array(manifest.utf8), to: path + "/Package.swift")
  }

  /// Writes the pipeline file.
  func configure(_ text: String) throws { try Self.write(Array(text.utf8), to: path + "/sematic.yaml") }

  /// Does something while one line of the launch program is another one.
  func withChangedLine(_ body: () throws -> Void) throws {
    let file = path + "/Sources/WordCount/WordCount.swift"
    let text = String(decoding: try FileTree.read(file), as: UTF8.self)
    let changed = text.replacingOccurrences(of: "argument: ", with: "an argument: ")
    guard changed != text else { throw ChildProcess.Failure("\(file) has no such line") }
    try Self.write(Array(changed.utf8), to: file)
    defer { try? Self.write(Array(text.utf8), to: file) }
    try body()
  }

  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> SwiftPackageRun.Result {
    let result = try start(arguments, environment: environment).wait()
    // `swift package` itself crashes once in many hundred runs, in libdispatch; the tool's own end shows as status 1.
    guard result.status == SIGSEGV else { return result }
    return try start(arguments, environment: environment).wait()
  }

  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> SwiftPackageRun {
    try SwiftPackageRun(
      arguments, in: path, environment: Self.credentials.merging(environment) { $1 }, scratch: scratch)
  }

  /// The layout of `WorkerBase` in this package, as the pipeline file has to name it: from the package's folder on.
  func workerBase() throws -> String {
    let layout = try WorkerBase.layout()
    let name = "worker-base-" + FileTree.name(of: layout)
    if !FileTree.exists("\(path)/\(name)/index.json") {
      // Links cost no space; a symbolic link to a place outside of the package would be refused.
      let result = try ChildProcess.run(["cp", "--archive", "--link", layout, "\(path)/\(name)"])
      guard result.status == 0 else { throw ChildProcess.Failure(result.output) }
    }
    return "oci:" + name
  }

  /// No credentials of the person who runs the tests.
  static let credentials = [
    "DOCKER_CONFIG": home + "/no-credentials", "REGISTRY_AUTH_FILE": home + "/no-credentials/auth.json",
  ]

  /// Makes `copy` hold what `folder` holds. A file that is the same is left alone, so that nothing is compiled anew.
  private static func synchronize(_ folder: String, to copy: String) throws {
    try FileTree.createDirectory(copy)
    let names = try FileTree.names(in: folder).filter { $0 != ".build" && $0 != "Package.resolved" }
    for name in names {
      if FileTree.isDirectory(folder + "/" + name) {
        try synchronize(folder + "/" + name, to: copy + "/" + name)
      } else if name != "Package.swift" || folder.hasSuffix("probe-library") {
        try write(FileTree.read(folder + "/" + name), to: copy + "/" + name)
      }
    }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws {
    if let old = try? FileTree.read(path), old == bytes { return }
    try AtomicFile.write(bytes, to: path)
  }
}

import FileSystem
import Foundation
import TestSupport

/// A starter package as a newcomer copies it, with the cluster's registry for its bases and its images.
struct PackageCopy {
  let path: String
  private let cluster: Cluster

  private static let repository = FileTree.parent(of: FileTree.parent(of: FileTree.parent(of: #filePath)))
  private static let home = repository + "/.build/end-to-end"

  init(of template: String, in cluster: Cluster) throws {
    self.cluster = cluster
    path = Self.home + "/" + template
    try? FileTree.remove(path)
    try FileTree.createDirectory(Self.home)
    // With the times of the files: what is the same is not compiled again.
    let copied = try ChildProcess.run(["cp", "--archive", "\(Self.repository)/Templates/\(template)", path])
    guard copied.status == 0 else { throw ChildProcess.Failure(copied.output) }
    try edit("Package.swift", "path: \"../..\"", "path: \"\(Self.repository)\"")
    // As a mirror of Sematic's own bases is described.
    for (name, reference) in [("worker-base", cluster.base), ("worker-extra", cluster.extraBase)] {
      try write(
        "sematic-bases/\(name).json",
        """
        {"name": "\(name)", "reference": "\(reference)", "platform": "linux/\(Self.architecture)"}
        """)
    }
  }

  func write(_ name: String, _ text: String) throws { try AtomicFile.write(Array(text.utf8), to: "\(path)/\(name)") }

  func edit(_ name: String, _ old: String, _ new: String) throws {
    let text = String(decoding: try FileTree.read("\(path)/\(name)"), as: UTF8.self)
    guard text.contains(old) else { throw ChildProcess.Failure("\(name) has no '\(old)'") }
    try write(name, text.replacingOccurrences(of: old, with: new))
  }

  func append(_ name: String, _ text: String) throws {
    try write(name, String(decoding: try FileTree.read("\(path)/\(name)"), as: UTF8.self) + text)
  }

  /// Builds, pushes and launches a pipeline by the verb, and waits for its end on the server.
  func run(_ arguments: [String], pipeline: String? = nil) throws -> RecordedRun {
    let options = ["--registry", cluster.registry.address] + (pipeline.map { ["--pipeline", $0] } ?? [])
    let environment = [
      "PATH": FileTree.parent(of: try SematicServer.program("python3")) + ":"
        + (SwiftPackageRun.environment["PATH"] ?? "/usr/bin:/bin"),
      "SEMATIC_API_ADDRESS": cluster.server.address, "SEMATIC_CONFIG_DIR": Self.home + "/sematic",
      "DOCKER_CONFIG": Self.home + "/no-credentials", "REGISTRY_AUTH_FILE": Self.home + "/no-credentials/auth.json",
    ]
    let result = try SwiftPackageRun.run(
      ["run-pipeline"] + options + ["--"] + arguments, in: path, environment: environment,
      scratch: Self.home + "/scratch")
    let said = result.output + result.errorOutput
    guard result.status == 0, let identifier = Self.identifier(in: said) else {
      throw ChildProcess.Failure("run-pipeline: \(result.status): \(said)")
    }
    return try cluster.outcome(of: identifier)
  }

  /// The last 32 digits of hexadecimal that stand alone: digests have twice as many.
  private static func identifier(in text: String) -> String? {
    text.split { !$0.isHexDigit }.last { $0.utf8.count == 32 }.map(String.init)
  }

  private static var architecture: String {
    #if arch(arm64)
      "arm64"
    #else
      "amd64"
    #endif
  }
}

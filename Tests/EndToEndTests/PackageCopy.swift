import Foundation
import SematicFiles
import TestSupport

/// A starter package as a newcomer copies it, with the cluster's registry for its bases and its images.
struct PackageCopy {
  let path: String
  private let cluster: Cluster

  private static let repository = VerbScratch.repository
  static let home = VerbScratch.home + "/end-to-end"

  init(of template: String, in cluster: Cluster) throws {
    self.cluster = cluster
    path = Self.home + "/" + template
    try? FileTree.remove(path)
    try FileTree.createDirectory(Self.home)
    // With the times of the files: what is the same is not compiled again.
    let copied = try ChildProcess.run(["cp", "--archive", "\(Self.repository)/Templates/\(template)", path])
    guard copied.status == 0 else { throw ChildProcess.Failure(copied.output) }
    try edit("Package.swift", "path: \"../..\"", "path: \"\(Self.repository)\"")
    try Self.describeBases(in: path, cluster)
  }

  /// As a mirror of Sematic's own bases is described.
  static func describeBases(in path: String, _ cluster: Cluster) throws {
    for (name, reference) in [("worker-base", cluster.base), ("worker-extra", cluster.extraBase)] {
      let text = """
        {"name": "\(name)", "reference": "\(reference)", "platform": "linux/\(architecture)"}
        """
      try AtomicFile.write(Array(text.utf8), to: "\(path)/sematic-bases/\(name).json")
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
    try cluster.outcome(of: launch(arguments, pipeline: pipeline))
  }

  /// - Returns: the identifier of the run.
  func launch(_ arguments: [String], pipeline: String? = nil) throws -> String {
    let options = ["--registry", cluster.registry.address] + (pipeline.map { ["--pipeline", $0] } ?? [])
    let result = try verb(["run-pipeline"] + options + ["--"] + arguments)
    let said = result.output + result.errorOutput
    guard result.status == 0, let identifier = Self.identifier(in: said) else {
      throw ChildProcess.Failure("run-pipeline: \(result.status): \(said)")
    }
    return identifier
  }

  /// Runs a verb.
  func verb(_ arguments: [String]) throws -> SwiftPackageRun.Result {
    try SwiftPackageRun.run(
      arguments, in: path, environment: Self.environment(cluster), scratch: VerbScratch.other)
  }

  /// The server, and Python with Sematic in it.
  static func environment(_ cluster: Cluster) throws -> [String: String] {
    [
      "PATH": FileTree.parent(of: try SematicServer.program("python3")) + ":"
        + (SwiftPackageRun.environment["PATH"] ?? "/usr/bin:/bin"),
      "SEMATIC_API_ADDRESS": cluster.server.address, "SEMATIC_CONFIG_DIR": home + "/sematic",
      "DOCKER_CONFIG": home + "/no-credentials", "REGISTRY_AUTH_FILE": home + "/no-credentials/auth.json",
    ]
  }

  /// The last 32 digits of hexadecimal that stand alone: digests have twice as many.
  static func identifier(in text: String) -> String? {
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

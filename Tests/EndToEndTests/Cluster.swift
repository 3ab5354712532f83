import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

/// What a pipeline is run with: a registry, a Kubernetes that runs what is in it, and Sematic's own server.
final class Cluster: Sendable {
  @TaskLocal private static var running: Cluster?

  let registry: DockerRegistry
  let kubernetes: KubernetesStandIn
  let server: SematicServer
  /// The images of `WorkerBase` in the registry, by digest.
  let base: String
  let extraBase: String

  init() throws {
    registry = try DockerRegistry()
    kubernetes = try KubernetesStandIn()
    server = try SematicServer(kubernetes: kubernetes.address)
    base = try registry.push(WorkerBase.tag)
    extraBase = try registry.push(WorkerBase.extraTag)
  }

  func stop() {
    kubernetes.stop()
    server.stop()
    registry.stop()
  }

  /// The one that the suite has started.
  static func shared() throws -> Cluster { try #require(running) }

  static var isAvailable: Bool {
    KubernetesStandIn.isAvailable && SematicServer.isAvailable && DockerRegistry.isAvailable && WorkerBase.isAvailable
      && ChildProcess.canRun("swift", "setsid")
  }

  /// Starts a cluster for a suite, and ends it with all that it runs.
  struct Scope: SuiteTrait, TestScoping {
    var isRecursive: Bool { false }

    func provideScope(
      for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
      let cluster = try Cluster()
      defer { cluster.stop() }
      try await Cluster.$running.withValue(cluster) { try await function() }
    }
  }
}

extension Trait where Self == Cluster.Scope {
  static var cluster: Self { Self() }
}

extension DockerRegistry {
  /// Pushes a worker base and returns its reference by digest.
  func push(_ tag: String) throws -> String {
    let folder = try TemporaryFolder("push")
    let repository = "\(address)/bases/\(tag)"
    let result = try ChildProcess.run([
      "skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false", "--digestfile", folder.file("d"),
      "oci:\(try WorkerBase.layout()):\(tag)", "docker://\(repository):latest",
    ])
    guard result.status == 0 else { throw ChildProcess.Failure(result.output) }
    return "\(repository)@\(String(decoding: try FileTree.read(folder.file("d")), as: UTF8.self))"
  }
}

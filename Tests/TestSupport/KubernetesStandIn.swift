import Foundation
import SematicFiles
import SematicOCI

/// A Kubernetes API on loopback for Sematic's server, with a node that really pulls and runs the image of each job:
/// Tests/Fixtures/kubernetes.
package final class KubernetesStandIn: Sendable {
  private let folder: TemporaryFolder
  private let child: ChildProcess
  private let output: String
  /// `http://127.0.0.1:PORT`
  package let address: String

  package init() throws {
    folder = try TemporaryFolder("kubernetes")
    output = folder.file("log")
    let script = FileTree.parent(of: FileTree.parent(of: #filePath)) + "/Fixtures/kubernetes/cluster.py"
    child = try ChildProcess(
      ["python3", "-B", "-u", script, "--folder", folder.path], output: output)
    let port = try child.waitUntil(output) { text in
      text.split(separator: "\n").compactMap { $0.hasPrefix("port ") ? UInt16($0.dropFirst(5)) : nil }.first
    }
    address = "http://127.0.0.1:\(port)"
  }

  deinit { stop() }

  /// Ends its containers, and waits for that.
  package func stop() {
    if child.isRunning { kill(child.identifier, SIGTERM) }
    for _ in 0..<12_000 where child.isRunning { usleep(10_000) }
    child.stop()
  }

  /// One line for each request, start and end so far.
  package var log: String { String(decoding: (try? FileTree.read(output)) ?? [], as: UTF8.self) }

  /// What became of a job on the node.
  package struct Pod: Sendable {
    package let name: String
    package let job: JSONValue
    package let log: String
    /// nil while it runs, and where it could not be started.
    package let exitStatus: Int32?

    /// The only container of the job.
    package var container: JSONValue? { job["spec"]?["template"]?["spec"]?["containers"]?.array?.first }
    package var arguments: [String] { container?["args"]?.strings ?? [] }
    package var image: String? { container?["image"]?.string }
  }

  /// The pods so far whose job's arguments contain `text`, by default all.
  package func pods(of text: String? = nil) throws -> [Pod] {
    guard FileTree.exists(folder.file("pods")) else { return [] }
    return try FileTree.names(in: folder.file("pods")).compactMap { name in
      let place = folder.file("pods/\(name)")
      // A job is there a moment after its folder.
      guard let bytes = try? FileTree.read(place + "/job.json"),
        let job = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
      else { return nil }
      let pod = Pod(
        name: name, job: job, log: Self.text(place + "/log"), exitStatus: Int32(Self.text(place + "/exit")))
      guard let text else { return pod }
      return pod.arguments.contains(text) ? pod : nil
    }
  }

  private static func text(_ path: String) -> String {
    String(decoding: (try? FileTree.read(path)) ?? [], as: UTF8.self)
  }

  /// For `.enabled(if:)`. Only root may mount and start containers as the node does.
  package static var isAvailable: Bool {
    ChildProcess.canRun("python3", "skopeo", "umoci", "runc", "mount")
  }
}

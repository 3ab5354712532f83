import Foundation
import SematicFiles
import TestSupport

/// The calls that Sematic's server makes of a Kubernetes API; a job is the test program, started as a child.
///
/// The image is not looked at here: the end-to-end tests pull and run it.
final class ProcessCluster: Sendable {
  struct Job: Sendable {
    var document: Data
    /// Nil while its image cannot be pulled.
    var child: ChildProcess?
    var log: String

    var isRunning: Bool { child?.isRunning != false }
  }

  private let jobs = Guarded<[String: Job]>([:])
  private let folder: TemporaryFolder
  private let absent: String?
  /// Why there is no node for pods of the absent image; nil: there is one, which cannot pull it.
  private let unschedulable: String?
  let program: String

  /// - Parameters:
  ///   - absent: an image that cannot be pulled: its pods stay pending.
  ///   - unschedulable: why there is no node for them; nil: there is one, which cannot pull the image.
  ///   - program: what each container runs; the test program unless given.
  init(absent: String? = nil, unschedulable: String? = nil, program: String? = nil) throws {
    self.absent = absent
    self.unschedulable = unschedulable
    folder = try TemporaryFolder("cluster")
    self.program = try program ?? TestProgram.path()
  }

  var documents: [[String: Any]] {
    jobs.withLock { Array($0.values) }
      .compactMap { try? JSONSerialization.jsonObject(with: $0.document) as? [String: Any] }
  }

  var containers: [[String: Any]] { documents.compactMap(Self.container) }

  /// Waits for the end of all jobs.
  func wait() { for job in jobs.withLock({ Array($0.values) }) { _ = job.child?.wait() } }

  /// Whether one of its programs has written a file of this name at home.
  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.file(name)) }

  /// The container of a job is gone without a word, and Kubernetes starts another, as after the loss of a node.
  ///
  /// Whoever asks meanwhile waits: the job has not failed.
  func restart(_ name: String) throws {
    try jobs.withLock { jobs in
      guard let job = jobs[name], let child = job.child else { throw ChildProcess.Failure("no \(name)") }
      kill(child.identifier, SIGKILL)
      _ = child.wait()
      jobs[name] = try started(job.document)?.job
    }
  }

  /// The same for the job of a standalone run.
  func restartJob(of run: String) throws {
    try restart(jobs.withLock { $0.keys.first { $0.hasPrefix("sematic-worker-\(run)") } } ?? run)
  }

  var logs: String {
    jobs.withLock { $0.values.map(\.log) }.map { String(decoding: (try? FileTree.read($0)) ?? [], as: UTF8.self) }
      .joined()
  }

  func serve() throws -> ScriptedServer {
    try ScriptedServer { request in
      do {
        return try self.answer(request)
      } catch {
        return .text(500, "{\"message\":\"\(error)\"}")
      }
    }
  }

  private static func json(_ status: Int, _ value: [String: Any]) throws -> ScriptedServer.Answer {
    .bytes(
      status, Array(try JSONSerialization.data(withJSONObject: value)), ["Content-Type": "application/json"])
  }

  private func answer(_ request: ScriptedServer.Request) throws -> ScriptedServer.Answer {
    let parts = request.path.split(separator: "/").map(String.init)
    if request.method == "POST" { return try start(Data(request.body)) }
    if parts.last == "pods" {
      let items = jobs.withLock { jobs in
        jobs.filter { request.target.hasSuffix("job-name%3D" + $0.key) }
          .map { Self.pod($0.key, $0.value, unschedulable) }
      }
      return try Self.json(200, ["kind": "PodList", "metadata": [:], "items": items])
    }
    let name = parts.last == "status" ? parts[parts.count - 2] : parts[parts.count - 1]
    if request.method == "DELETE" {
      jobs.withLock { $0[name] }?.child?.interrupt()
      return try Self.json(200, ["kind": "Status", "status": "Success"])
    }
    let found = jobs.withLock { jobs in
      jobs[name].map { job in
        (job.document, job.isRunning ? "active" : job.child?.wait() == 0 ? "succeeded" : "failed")
      }
    }
    guard let (bytes, state) = found, var document = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
    else { return try Self.json(404, ["kind": "Status", "code": 404, "reason": "NotFound"]) }
    document["status"] = [state: 1, "startTime": "2024-01-01T00:00:00Z"] as [String: Any]
    return try Self.json(200, document)
  }

  private static func pod(_ name: String, _ job: Job, _ unschedulable: String?) -> [String: Any] {
    if job.child == nil, let unschedulable {
      let condition = [
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": unschedulable,
      ]
      return [
        "metadata": ["name": name + "-pod"], "spec": ["containers": [["name": name, "image": "x"]]],
        "status": ["phase": "Pending", "conditions": [condition]] as [String: Any],
      ]
    }
    let status = job.isRunning ? nil : job.child?.wait()
    let time = "2024-01-01T00:00:00Z"
    let state: [String: Any] =
      if let status {
        [
          "terminated": [
            "exitCode": status, "reason": status == 0 ? "Completed" : "Error", "startedAt": time, "finishedAt": time,
          ]
        ]
      } else if job.child == nil {
        ["waiting": ["reason": "ImagePullBackOff", "message": "there is no such image"]]
      } else {
        ["running": ["startedAt": time]]
      }
    let container: [String: Any] = [
      "name": name, "image": "x", "imageID": "x", "restartCount": 0, "ready": status == nil && job.child != nil,
      "state": state,
    ]
    let phase = job.child == nil ? "Pending" : status == nil ? "Running" : status == 0 ? "Succeeded" : "Failed"
    let conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map {
      ["type": $0, "status": container["ready"] as? Bool == true || $0.hasSuffix("d") ? "True" : "False"]
    }
    return [
      "metadata": ["name": name + "-pod"],
      "spec": ["nodeName": "here", "containers": [["name": name, "image": "x"]]],
      "status": [
        "phase": phase, "startTime": time, "containerStatuses": [container], "conditions": conditions,
      ] as [String: Any],
    ]
  }

  private func start(_ body: Data) throws -> ScriptedServer.Answer {
    guard let (name, job) = try started(body) else { return try Self.json(400, [:]) }
    jobs.withLock { $0[name] = job }
    return .bytes(201, Array(body), ["Content-Type": "application/json"])
  }

  private func started(_ body: Data) throws -> (name: String, job: Job)? {
    guard let document = try JSONSerialization.jsonObject(with: body) as? [String: Any],
      let name = (document["metadata"] as? [String: Any])?["name"] as? String,
      let container = Self.container(of: document), let arguments = container["args"] as? [String]
    else { return nil }
    var environment = ["HOME": folder.path, "PATH": "/usr/bin:/bin"]
    for variable in container["env"] as? [[String: Any]] ?? [] {
      if let name = variable["name"] as? String { environment[name] = variable["value"] as? String ?? "" }
    }
    let log = folder.file(name)
    let isAbsent = container["image"] as? String == absent
    let child = isAbsent ? nil : try ChildProcess([program] + arguments, output: log, environment: environment)
    return (name, Job(document: body, child: child, log: log))
  }

  static func container(of job: [String: Any]) -> [String: Any]? {
    let template = (job["spec"] as? [String: Any])?["template"] as? [String: Any]
    return ((template?["spec"] as? [String: Any])?["containers"] as? [[String: Any]])?.first
  }
}

extension ChildProcess {
  fileprivate func interrupt() { kill(identifier, SIGTERM) }
}

import FileSystem
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Sematic

/// The calls that Sematic's server makes of a Kubernetes API; a job is the test program, started as a child.
///
/// The image is not looked at here: the end-to-end tests pull and run it.
private final class ProcessCluster: Sendable {
  struct Job: Sendable {
    var document: Data
    var child: ChildProcess
    var log: String
  }

  private let jobs = Mutex<[String: Job]>([:])
  private let folder: TemporaryFolder
  let program: String

  init() throws {
    folder = try TemporaryFolder("cluster")
    program = try TestProgram.path()
  }

  var documents: [[String: Any]] {
    jobs.withLock { Array($0.values) }
      .compactMap { try? JSONSerialization.jsonObject(with: $0.document) as? [String: Any] }
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
    if parts.last == "pods" { return try Self.json(200, ["kind": "PodList", "metadata": [:], "items": []]) }
    let name = parts.last == "status" ? parts[parts.count - 2] : parts[parts.count - 1]
    if request.method == "DELETE" {
      jobs.withLock { $0[name] }?.child.interrupt()
      return try Self.json(200, ["kind": "Status", "status": "Success"])
    }
    guard let job = jobs.withLock({ $0[name] }),
      var document = try JSONSerialization.jsonObject(with: job.document) as? [String: Any]
    else { return try Self.json(404, ["kind": "Status", "code": 404, "reason": "NotFound"]) }
    let status: [String: Any] =
      job.child.isRunning
      ? ["active": 1] : job.child.wait() == 0 ? ["succeeded": 1] : ["failed": 1]
    document["status"] = status.merging(["startTime": "2024-01-01T00:00:00Z"]) { $1 }
    return try Self.json(200, document)
  }

  private func start(_ body: Data) throws -> ScriptedServer.Answer {
    guard let document = try JSONSerialization.jsonObject(with: body) as? [String: Any],
      let name = (document["metadata"] as? [String: Any])?["name"] as? String,
      let container = Self.container(of: document), let arguments = container["args"] as? [String]
    else { return try Self.json(400, [:]) }
    var environment = ["HOME": folder.path, "PATH": "/usr/bin:/bin"]
    for variable in container["env"] as? [[String: Any]] ?? [] {
      if let name = variable["name"] as? String { environment[name] = variable["value"] as? String ?? "" }
    }
    let log = folder.file(name)
    let child = try ChildProcess([program] + arguments, output: log, environment: environment)
    jobs.withLock { $0[name] = Job(document: body, child: child, log: log) }
    return try Self.json(201, document)
  }

  static func container(of job: [String: Any]) -> [String: Any]? {
    let template = (job["spec"] as? [String: Any])?["template"] as? [String: Any]
    return ((template?["spec"] as? [String: Any])?["containers"] as? [[String: Any]])?.first
  }
}

extension ChildProcess {
  fileprivate func interrupt() { kill(identifier, SIGTERM) }
}

@Suite struct CloudResolverTests {
  private static let image = "registry.test/team/app@sha256:" + String(repeating: "0a", count: 32)

  private func launch(_ arguments: [String], on server: SematicServer) throws -> ChildProcess.Result {
    try ChildProcess.run(
      [try TestProgram.path()] + arguments,
      environment: [
        "HOME": "/nonexistent", "SEMATIC_API_ADDRESS": server.address, "SEMATIC_API_KEY": "a-key",
        "SEMATIC_CONTAINER_IMAGE_URIS": "::default##\(Self.image)", "SEMATIC_CLI_RUN_COMMAND": "run it",
        "SEMATIC_IMAGE_BUILD_CONFIG": "version: 1",
      ])
  }

  @Test(.enabled(if: SematicServer.isAvailable))
  func `a pipeline is launched on the real server and runs in a job of the same program`() throws {
    let cluster = try ProcessCluster()
    let kubernetes = try cluster.serve()
    let server = try SematicServer(kubernetes: "http://\(kubernetes.address)")
    let waited = try launch(["world", "wait"], on: server)
    #expect(waited.status == 0, "\(waited.output) \(cluster.logs)")
    #expect(waited.output.contains("output: HELLO WORLD, HELLO WORLD!"))
    let run = try #require(try server.runs().first { $0["name"] as? String == "greet" })
    let identifier = try #require(run["id"] as? String)
    #expect(waited.output.contains("\(server.address)/runs/\(identifier)"))
    #expect(run["future_state"] as? String == "RESOLVED")
    #expect(run["container_image_uri"] as? String == Self.image)
    _ = try server.wait(for: "/resolutions/\(identifier)", "status", toBe: ["COMPLETE"])
    let resolution = try server.resolution(identifier)
    #expect(resolution["kind"] as? String == "KUBERNETES")
    #expect(resolution["container_image_uris"] as? [String: String] == ["default": Self.image])
    #expect(resolution["run_command"] as? String == "run it")
    #expect(resolution["build_config"] as? String == "version: 1")
    let job = try #require(cluster.documents.first)
    let container = try #require(ProcessCluster.container(of: job))
    #expect(container["image"] as? String == Self.image)
    #expect(container["args"] as? [String] == ["--run_id", identifier, "--resolve"])
    let variables = try #require(container["env"] as? [[String: Any]])
    #expect(variables.contains { $0["name"] as? String == "SEMATIC_API_KEY" && $0["value"] as? String == "a-key" })

    // Detached: the launch is over before the run is.
    let detached = try launch(["again"], on: server)
    #expect(detached.status == 0)
    #expect(!detached.output.contains("output:"))
    let line = try #require(detached.output.split(separator: "\n").first { $0.hasPrefix("run: ") })
    let second = String(line.dropFirst(5))
    _ = try server.wait(for: "/resolutions/\(second)", "status", toBe: ["COMPLETE"])

    // A rerun by the API, as the UI does it.
    let rerun = try server.call("POST", "/resolutions/\(second)/rerun", body: "{}")
    let third = try #require((rerun["content"] as? [String: Any])?["root_id"] as? String)
    _ = try server.wait(for: "/resolutions/\(third)", "status", toBe: ["COMPLETE"])
    #expect(try server.run(third)["future_state"] as? String == "RESOLVED")

    // Failing, waited for.
    let failed = try launch(["nobody", "wait"], on: server)
    #expect(failed.status == 1)
    #expect(failed.output.contains("failed: Refusal: nobody is called 'nobody'"), "\(failed.output)")
    kubernetes.stop()
  }

  @Test func `without an image or a server nothing is launched`() async throws {
    let function = SematicFunction("nothing") { 1 }
    func resolver(_ environment: [String: String]) -> CloudResolver {
      CloudResolver(detach: true, environment: environment, patience: .init(), interval: 1)
    }
    await #expect(throws: ContainerImageError.noImage) { try await function.resolve(with: resolver(["HOME": "/x"])) }
    await #expect(throws: SematicError.noServer) {
      try await function.resolve(with: resolver(["HOME": "/x", "SEMATIC_CONTAINER_IMAGE": Self.image]))
    }
  }
}

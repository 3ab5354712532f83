import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import Sematic

@Suite struct CloudResolverTests {
  private static let image = "registry.test/team/app@sha256:" + String(repeating: "0a", count: 32)
  private static let extra = "registry.test/team/app@sha256:" + String(repeating: "1b", count: 32)

  private func launch(
    _ arguments: [String], on server: SematicServer, key: String? = "a-key"
  ) throws -> ChildProcess.Result {
    var environment = [
      "HOME": "/nonexistent", "SEMATIC_API_ADDRESS": server.address,
      "SEMATIC_CONTAINER_IMAGE_URIS": "::default##\(Self.image)::extra##\(Self.extra)",
      "SEMATIC_CLI_RUN_COMMAND": "run it", "SEMATIC_IMAGE_BUILD_CONFIG": "version: 1",
    ]
    environment["SEMATIC_API_KEY"] = key
    return try ChildProcess.run([try TestProgram.path()] + arguments, environment: environment)
  }

  @Test(.enabled(if: SematicServer.isAvailable))
  func `a pipeline is launched on the real server and runs in a job of the same program`() throws {
    let cluster = try ProcessCluster()
    let kubernetes = try cluster.serve()
    // It wants the key, of the launch and of the job.
    let server = try SematicServer(kubernetes: "http://\(kubernetes.address)", key: "a-key")
    let stranger = try launch(["world"], on: server, key: nil)
    #expect(stranger.status == 1)
    #expect(stranger.output.contains("requires an API key, and SEMATIC_API_KEY is not set"), "\(stranger.output)")
    #expect(try server.runs().isEmpty)
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
    #expect(resolution["container_image_uris"] as? [String: String] == ["default": Self.image, "extra": Self.extra])
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

  @Test(.enabled(if: SematicServer.isAvailable))
  func `a container that never starts is waited for as long as the limit says`() async throws {
    // A cluster that takes every job, and starts none.
    let kubernetes = try ScriptedServer { request in
      .bytes(201, request.body, ["Content-Type": "application/json"])
    }
    let server = try SematicServer(kubernetes: "http://\(kubernetes.address)")
    let resolver = CloudResolver(
      environment: [
        "HOME": "/x", "SEMATIC_API_ADDRESS": server.address, "SEMATIC_CONTAINER_IMAGE_URIS": "::default##\(Self.image)",
      ], interval: 0.1, startLimit: .seconds(1))
    let function = SematicFunction("never") { 1 }
    let error = await #expect(throws: SematicError.self) { try await function.resolve(with: resolver) }
    let run = try #require(try server.runs().first?["id"] as? String)
    #expect(error == .notStarted(id: run, seconds: 1, image: Self.image))
    #expect(error?.hint?.contains("job-name=sematic-driver-\(run)") == true)
    #expect(try server.resolution(run)["status"] as? String == "SCHEDULED")
  }

  @Test(.enabled(if: SematicServer.isAvailable))
  func `a driver that ends without a word ends the wait, and is recorded as failed`() async throws {
    let kubernetes = try ProcessCluster(program: "/bin/false").serve()
    let server = try SematicServer(kubernetes: "http://\(kubernetes.address)")
    let resolver = CloudResolver(
      environment: [
        "HOME": "/x", "SEMATIC_API_ADDRESS": server.address, "SEMATIC_CONTAINER_IMAGE_URIS": "::default##\(Self.image)",
      ], interval: 0.1)
    let function = SematicFunction("lost") { 1 }
    let error = await #expect(throws: SematicError.self) { try await function.resolve(with: resolver) }
    let run = try #require(try server.runs().first?["id"] as? String)
    #expect("\(String(describing: error))".contains("the driver's container ended before the pipeline did"))
    #expect(error?.code == .runFailed)
    #expect(try server.resolution(run)["status"] as? String == "FAILED")
    let record = try server.run(run)
    #expect(record["future_state"] as? String == "FAILED")
    let reason = (record["exception_metadata_json"] as? [String: Any])?["repr"] as? String
    #expect(reason?.contains("job-name=sematic-driver-\(run)") == true)
  }

  @Test func `without an image or a server nothing is launched`() async throws {
    let function = SematicFunction("nothing") { 1 }
    func resolver(_ environment: [String: String]) -> CloudResolver {
      CloudResolver(environment: environment, interval: 1)
    }
    await #expect(throws: ContainerImageError.noImage) { try await function.schedule(with: resolver(["HOME": "/x"])) }
    await #expect(throws: SematicError.noServer) {
      try await function.schedule(with: resolver(["HOME": "/x", "SEMATIC_CONTAINER_IMAGE": Self.image]))
    }
  }
}

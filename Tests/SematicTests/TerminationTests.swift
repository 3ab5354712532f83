import Foundation
import SematicFiles
import TestSupport
import Testing

@testable import Sematic

@Suite struct TerminationTests {
  private static let run = String(repeating: "0a", count: 16)
  private static let argument = String(repeating: "b", count: 40)

  /// A server with one run of `greet`; it tells `saved` when that is saved as resolved.
  private func server(_ saved: @escaping @Sendable () -> Void) throws -> ScriptedServer {
    let row =
      "{\"id\":\"\(Self.run)\",\"root_id\":\"\(Self.run)\",\"future_state\":\"SCHEDULED\","
      + "\"function_path\":\"SematicTestProgram.shout\"}"
    let edges =
      "[{\"destination_run_id\":\"\(Self.run)\",\"destination_name\":\"input\",\"artifact_id\":\"\(Self.argument)\"},"
      + "{\"source_run_id\":\"\(Self.run)\"}]"
    return try ScriptedServer { request in
      switch (request.method, request.path) {
      case ("GET", "/api/v1/meta/versions"):
        return .text(200, "{\"server\":[0,41,0],\"min_client_supported\":[0,30,0]}")
      case ("GET", "/api/v1/runs/\(Self.run)/graph"): return .text(200, "{\"runs\":[\(row)],\"edges\":\(edges)}")
      case ("GET", "/api/v1/resolutions/\(Self.run)"):
        return .text(200, "{\"content\":{\"root_id\":\"\(Self.run)\",\"status\":\"SCHEDULED\",\"user\":null}}")
      case ("GET", "/api/v1/storage/artifacts/\(Self.argument)/data"): return .text(200, "\"quiet\"")
      case ("GET", let path) where path.hasSuffix("/location"):
        return .text(200, "{\"url\":\"/store\",\"request_headers\":{}}")
      case ("PUT", "/api/v1/graph"):
        // The first attempt to save the result meets a server that is being restarted.
        guard String(decoding: request.body, as: UTF8.self).contains("RESOLVED") else { return .text(200, "{}") }
        saved()
        return request.earlier < 2 ? .text(503, "") : .text(200, "{}")
      default: return .text(200, "{}")
      }
    }
  }

  @Test func `SIGTERM while the result is saved does not make a failure of it`() throws {
    let worker = Guarded<Int32>(0)
    let scripted = try server {
      while worker.withLock({ $0 }) == 0 { usleep(1_000) }
      kill(worker.withLock { $0 }, SIGTERM)
    }
    let folder = try TemporaryFolder("worker")
    let child = try ChildProcess(
      [try TestProgram.path(), "--run_id", Self.run, "--resolve"], output: folder.file("log"),
      environment: ["HOME": folder.path, "SEMATIC_API_ADDRESS": "http://\(scripted.address)"])
    worker.withLock { $0 = child.identifier }
    #expect(child.wait() == 0)
    let bodies = scripted.requests.filter { $0.method == "PUT" }.map { String(decoding: $0.body, as: UTF8.self) }
    #expect(bodies.filter { $0.contains("\"RESOLVED\"") }.count == 2)
    #expect(bodies.contains("\"QUIET\""))
    #expect(bodies.last?.contains("\"status\": \"COMPLETE\"") == true)
    #expect(bodies.last?.contains("user\"") == false)
  }
}

import Foundation
import TestSupport
import Testing

@testable import Sematic

@Suite(.serialized) struct ConcurrencyTests {
  private static let versions = "{\"server\":[0,41,0],\"min_client_supported\":[0,30,0]}"

  /// A server that takes so long to save a step when that starts.
  private func server(seconds: UInt32, _ steps: Guarded<Int>) throws -> ScriptedServer {
    try ScriptedServer { request in
      switch request.path {
      case "/api/v1/meta/versions": return .text(200, Self.versions)
      case let path where path.hasSuffix("/location"): return .text(200, "{\"url\":\"/store\",\"request_headers\":{}}")
      case let path where path.hasPrefix("/api/v1/resolutions/"):
        return .text(200, "{\"content\":{\"root_id\":\"0\",\"status\":\"RUNNING\"}}")
      case let path where path.hasPrefix("/api/v1/runs/"):
        let identifier = path.split(separator: "/")[3]
        return .text(200, "{\"runs\":[{\"id\":\"\(identifier)\",\"future_state\":\"SCHEDULED\"}],\"edges\":[]}")
      case "/api/v1/graph":
        let text = String(decoding: request.body, as: UTF8.self)
        if text.contains("\"name\": \"slow\""), text.contains("SCHEDULED") {
          steps.withLock { $0 += 1 }
          sleep(seconds)
        }
        return .text(200, "{}")
      default: return .text(200, "{}")
      }
    }
  }

  @Test func `the user's tasks run on while steps wait for a slow server, and the steps overlap`() throws {
    let steps = Guarded(0)
    let scripted = try server(seconds: 6, steps)
    // A process of its own: tests beside this one block threads.
    let result = try ChildProcess.run(
      [try TestProgram.path(), "heartbeat"], environment: ["SEMATIC_API_ADDRESS": "http://\(scripted.address)"])
    func milliseconds(_ name: String) throws -> Int {
      let line = result.output.split(separator: "\n").first { $0.hasPrefix(name) }
      return try #require(Int(line?.dropFirst(name.count) ?? ""), "\(result.output)")
    }
    #expect(result.output.contains("\noutput: 10\n"), "\(result.output)")
    #expect(try milliseconds("longest pause: ") < 550)
    #expect(steps.withLock { $0 } == 4)
    #expect(try milliseconds("time: ") < 12_000)
  }

  @Test func `canceling a task cancels its request`() throws {
    let steps = Guarded(0)
    let scripted = try server(seconds: 60, steps)
    let result = try ChildProcess.run(
      [try TestProgram.path(), "cancellation"], environment: ["SEMATIC_API_ADDRESS": "http://\(scripted.address)"])
    #expect(result.output.contains("canceled: true\n"), "\(result.output)")
    let time = result.output.split(separator: "\n").first { $0.hasPrefix("time: ") }
    #expect(try #require(Int(time?.dropFirst("time: ".count) ?? ""), "\(result.output)") < 10_000)
    let ends = scripted.requests.filter { $0.path == "/api/v1/graph" }.map { String(decoding: $0.body, as: UTF8.self) }
    #expect(ends.count { $0.contains("\"name\": \"slow\"") && $0.contains("CANCELED") } == 4)
  }

  @Test func `a server that is not there is told of at once`() throws {
    let folder = try TemporaryFolder("dead")
    let address = "http://127.0.0.1:\(try closedPort())"
    let child = try ChildProcess(
      [try TestProgram.path(), "world"], output: folder.file("log"),
      environment: ["SEMATIC_API_ADDRESS": address, "HOME": "/nonexistent"])
    let line = try child.waitUntil(folder.file("log")) { $0.split(separator: "\n").first.map(String.init) }
    #expect(line.hasPrefix("the Sematic server at \(address) does not answer: "), "\(line)")
    #expect(line.hasSuffix("; trying for about a minute"))
    // It goes on trying.
    #expect(child.isRunning)
    child.stop()
  }

  @Test func `a server that is gone for a while is told of once, and so is its return`() throws {
    let scripted = try ScriptedServer { request in
      switch request.path {
      case "/api/v1/meta/versions": return .text(200, Self.versions)
      case "/api/v1/graph" where request.earlier < 2: return .text(503, "")
      case let path where path.hasSuffix("/location"): return .text(200, "{\"url\":\"/store\",\"request_headers\":{}}")
      case let path where path.hasPrefix("/api/v1/resolutions/"):
        return .text(200, "{\"content\":{\"root_id\":\"0\",\"status\":\"RUNNING\"}}")
      case let path where path.hasPrefix("/api/v1/runs/"):
        let identifier = path.split(separator: "/")[3]
        return .text(200, "{\"runs\":[{\"id\":\"\(identifier)\",\"future_state\":\"SCHEDULED\"}],\"edges\":[]}")
      default: return .text(200, "{}")
      }
    }
    let result = try ChildProcess.run(
      [try TestProgram.path(), "world"],
      environment: ["SEMATIC_API_ADDRESS": "http://\(scripted.address)", "HOME": "/nonexistent"])
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.split(separator: "\n").count { $0.contains("it answers with status 503; trying for") } == 1)
    #expect(result.output.split(separator: "\n").count { $0.hasSuffix("answers again") } == 1)
  }

  @Test func `a server that does not answer is noticed soon, and waited for`() throws {
    let scripted = try ScriptedServer { request in
      if request.path == "/api/v1/meta/versions" { sleep(3) }
      return .text(200, Self.versions)
    }
    let result = try ChildProcess.run(
      [try TestProgram.path(), "world"],
      environment: ["SEMATIC_API_ADDRESS": "http://\(scripted.address)", "HOME": "/nonexistent"])
    #expect(result.output.hasPrefix("the Sematic server at http://\(scripted.address) has not answered yet"))
  }
}

import Foundation
import TestSupport
import Testing

@testable import Sematic

@Suite(.enabled(if: SematicServer.isAvailable)) struct LostAnswerTests {
  /// A way to the server on which the answer to each change of a pipeline's state, and to each order, is lost once.
  private final class Way: Sendable {
    let server = Guarded<String?>(nil)
    private let changes = Guarded<Set<[UInt8]>>([])

    func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
      guard let server = server.withLock({ $0 }), let address = try? ServerAddress(server + request.target) else {
        return .text(503, "")
      }
      var forwarded = ServerRequest(method: request.method, address: address)
      forwarded.headers = request.headers.filter { !["host", "content-length", "connection"].contains($0.key) }
        .map { (name: $0.key, value: $0.value) }
      if request.method != "GET" { forwarded.body = JSONText(request.body) }
      guard let response = try? CurlTransport.send(forwarded) else { return .raw("") }
      let isChange =
        request.method != "GET" && (request.path.contains("/resolutions/") || request.path.contains("schedule"))
      let change = Array("\(request.method) \(request.target) ".utf8) + request.body
      if isChange, changes.withLock({ $0.insert(change).inserted }) { return .raw("") }
      return .bytes(response.status, response.body, response.headers.filter { $0.key == "location" })
    }
  }

  @Test func `a change whose answer was lost is made once`() throws {
    let way = Way()
    let lossy = try ScriptedServer(way.answer)
    let cluster = try ProcessCluster()
    let kubernetes = try cluster.serve()
    let server = try SematicServer(
      kubernetes: "http://\(kubernetes.address)", workerAddress: "http://\(lossy.address)")
    way.server.withLock { $0 = server.address }
    let image = "registry.test/team/app@sha256:" + String(repeating: "0a", count: 32)
    let done = try ChildProcess.run(
      [try TestProgram.path(), "remote", "world", "wait"],
      environment: [
        "HOME": "/nonexistent", "SEMATIC_API_ADDRESS": "http://\(lossy.address)",
        "SEMATIC_CONTAINER_IMAGE_URIS": "::default##\(image)::extra##\(image)",
      ])
    #expect(done.status == 0, "\(done.output) \(cluster.logs)")
    #expect(done.output.contains("output: \(image)"))
    #expect(cluster.containers.count == 2)
    #expect(try server.runs().map { $0["future_state"] as? String } == ["RESOLVED", "RESOLVED"])
    let root = try #require(try server.runs().first { $0["name"] as? String == "greet" }?["id"] as? String)
    _ = try server.wait(for: "/resolutions/\(root)", "status", toBe: ["COMPLETE"])
    kubernetes.stop()
  }
}

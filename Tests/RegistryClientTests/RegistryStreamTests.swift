import Foundation
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// Blobs that go from one registry to another.
@Suite struct RegistryStreamTests {
  let layer = [UInt8](repeating: 9, count: 5 << 20)

  private func descriptor() throws -> Descriptor { try Descriptor(of: layer, mediaType: .layer) }

  private func taker(_ put: ScriptedServer.Answer = .status(201), readsBodies: Bool = true) throws -> ScriptedServer {
    try ScriptedServer(readsBodies: readsBodies) { request in
      switch request.method {
      case "POST": .status(202, ["Location": "/u"])
      case "PUT": put
      case "HEAD": .status(404)
      default: .status(200)
      }
    }
  }

  private func stream(_ source: ScriptedServer, _ target: ScriptedServer) throws {
    let from = try Registry(host: source.address, repository: "base", options: .testing)
    let to = try Registry(host: target.address, repository: "app", options: .testing)
    try to.writeBlob(descriptor(), from: .source(from)) { _ in }
  }

  @Test func `the bytes arrive as they were`() throws {
    let layer = layer
    let source = try ScriptedServer { _ in .bytes(200, layer) }
    let target = try taker()
    try stream(source, target)
    #expect(target.requests.last?.body == layer)
  }

  @Test func `a source that breaks in the middle is continued, and the target does not notice`() throws {
    let layer = layer
    let source = try ScriptedServer { request in
      guard let range = request.headers["range"], let start = Int(range.dropFirst(6).dropLast()) else {
        return request.path.contains("blobs")
          ? .cut(200, Array(layer.prefix(4 << 20)), length: layer.count) : .status(200)
      }
      return .bytes(206, Array(layer[start...]), ["Content-Range": "bytes \(start)-\(layer.count - 1)/\(layer.count)"])
    }
    let target = try taker()
    try stream(source, target)
    #expect(target.requests.last?.body == layer)
    #expect(target.lines.count { $0.hasPrefix("PUT") } == 1)
  }

  @Test func `wrong bytes of the source never become a whole upload, and the source is named`() throws {
    var wrong = layer
    wrong[0] = 0
    let source = try ScriptedServer { [wrong] _ in .bytes(200, wrong) }
    let target = try taker()
    let error = #expect(throws: RegistryError.self) { try stream(source, target) }
    #expect(error?.registry == source.address)
    #expect(error?.description.contains("the content has the digest") == true)
    #expect(!target.lines.contains { $0.hasPrefix("PUT") })
  }

  @Test func `a target that refuses ends the reading, and is named`() throws {
    let layer = layer
    let source = try ScriptedServer { request in
      // It would go on for ever.
      request.path.contains("blobs") ? .stalled(200, Array(layer.prefix(3 << 20)), length: layer.count) : .status(200)
    }
    let target = try taker(.text(403, "read only"), readsBodies: false)
    let error = #expect(throws: RegistryError.self) { try stream(source, target) }
    #expect(error?.registry == target.address)
    #expect(error?.status == 403)
  }

  @Test func `a mount asks with both names, and its upload is used where it does not come about`() throws {
    let layer = layer
    let server = try ScriptedServer { request in
      switch request.method {
      case "POST": .status(202, ["Location": "/begun"])
      case "PUT": .status(201)
      default: .bytes(200, layer)
      }
    }
    let from = try Registry(host: server.address, repository: "team/base", options: .testing)
    let to = try Registry(host: server.address, repository: "app", options: .testing)
    #expect(try to.mountBlob(descriptor(), from: from) == false)
    try to.writeBlob(descriptor(), from: .source(from)) { _ in }
    let posts = server.requests.filter { $0.method == "POST" }
    #expect(posts.map(\.target) == ["/v2/app/blobs/uploads/?mount=\(try descriptor().digest)&from=team/base"])
    #expect(server.requests.last { $0.method == "PUT" }?.path == "/begun")
  }

  @Test func `nothing is mounted from another registry`() throws {
    let server = try ScriptedServer { _ in .status(201) }
    let from = try Registry(host: "registry.example", repository: "base", options: .testing)
    let to = try Registry(host: server.address, repository: "app", options: .testing)
    #expect(try to.mountBlob(descriptor(), from: from) == false)
    #expect(server.requests.isEmpty)
  }

  @Test func `a registry without HEAD is asked for the first byte`() throws {
    let layer = layer
    let server = try ScriptedServer { request in
      request.method == "HEAD"
        ? .status(405) : request.headers["range"] == "bytes=0-0" ? .bytes(200, layer) : .status(200)
    }
    let registry = try Registry(host: server.address, repository: "app", options: .testing)
    #expect(try registry.hasBlob(descriptor()))
    let without = try ScriptedServer { $0.method == "HEAD" ? .status(400) : .status(404) }
    #expect(try Registry(host: without.address, repository: "app", options: .testing).hasBlob(descriptor()) == false)
  }
}

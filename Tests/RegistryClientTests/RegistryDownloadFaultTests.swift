import Foundation
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// A registry that misbehaves while it is read from.
@Suite struct RegistryDownloadFaultTests {
  let layer = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  private func descriptor() throws -> Descriptor { try Descriptor(of: layer, mediaType: .layer) }

  private func read(_ server: ScriptedServer, _ options: RegistryOptions = .testing) throws -> [UInt8] {
    let registry = try Registry(host: server.address, repository: "app", options: options)
    var bytes: [UInt8] = []
    try registry.readBlob(descriptor()) { bytes.append(contentsOf: $0) }
    return bytes
  }

  @Test func `a download that is cut is continued by Range`() throws {
    let layer = layer
    let server = try ScriptedServer { request in
      guard request.path.contains("blobs") else { return .status(200) }
      guard let range = request.headers["range"], let start = Int(range.dropFirst(6).dropLast()) else {
        return .cut(200, Array(layer.prefix(280_000)), length: layer.count)
      }
      return .bytes(206, Array(layer[start...]), ["Content-Range": "bytes \(start)-299999/300000"])
    }
    #expect(try read(server) == layer)
    #expect(server.requests.count { $0.headers["range"] != nil } == 1)
  }

  @Test func `a server that ignores Range costs bytes, but does not spoil the blob`() throws {
    let layer = layer
    let server = try ScriptedServer { request in
      guard request.path.contains("blobs"), request.earlier == 0 else { return .bytes(200, layer) }
      return .cut(200, Array(layer.prefix(280_000)), length: layer.count)
    }
    #expect(try read(server) == layer)
  }

  @Test func `a part that was not asked for is an error`() throws {
    let layer = layer
    let server = try ScriptedServer { request in
      guard request.path.contains("blobs"), request.headers["range"] == nil else {
        return .bytes(206, Array(layer.suffix(10)), ["Content-Range": "bytes 299990-299999/300000"])
      }
      return .cut(200, Array(layer.prefix(280_000)), length: layer.count)
    }
    let error = #expect(throws: RegistryError.self) { try read(server) }
    #expect(error?.reason == .malformed("a part of the blob that was not requested"))
  }

  @Test func `an encoding that nobody asked for is named where the bytes are wrong`() throws {
    let wrong = Array(layer.reversed())
    let encoded = ["Content-Encoding": "gzip"]
    let server = try ScriptedServer { _ in .bytes(200, wrong, encoded) }
    let error = #expect(throws: RegistryError.self) { try read(server) }
    #expect(error?.description.contains("sent with Content-Encoding 'gzip', which was not requested") == true)
    let layer = layer
    let labelled = try ScriptedServer { _ in .bytes(200, layer, encoded) }
    #expect(try read(labelled) == layer)
    let registry = try Registry(host: server.address, repository: "app", options: .testing)
    let digest = try Digest.of(Data())
    let manifest = #expect(throws: RegistryError.self) { try registry.manifest(.digest(digest)) }
    #expect(manifest?.description.contains("Content-Encoding 'gzip'") == true)
  }

  @Test func `interim answers for ever, and a header without end, are errors`() throws {
    for line in ["HTTP/1.1 103 Early Hints\r\n\r\n", "X-More: y\r\n"] {
      let begin = line.hasPrefix("X") ? "HTTP/1.1 200 OK\r\n" : ""
      let server = try ScriptedServer { request in
        request.path == "/v2/" ? .status(200) : .raw(begin + String(repeating: line, count: 20_000))
      }
      let registry = try Registry(host: server.address, repository: "app", options: .testing)
      let error = #expect(throws: RegistryError.self) { try registry.manifest(.tag("v1")) }
      #expect(error != nil && server.lines.count { $0.contains("manifests") } <= 4)
    }
  }

  @Test(arguments: ["9223372036854775807", "9223372036854775808", "-1", "99999999999999999999"])
  func `no length makes it trap`(length: String) throws {
    let server = try ScriptedServer { request in
      request.path == "/v2/" ? .status(200) : .raw("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n{}")
    }
    #expect(throws: RegistryError.self) { try read(server) }
    let registry = try Registry(host: server.address, repository: "app", options: .testing)
    #expect(throws: RegistryError.self) { try registry.manifest(.tag("v1")) }
    _ = try? registry.tags()
    var head = ResponseHead(status: 200)
    head.headers.append(line: "Retry-After: \(length)")
    #expect(head.headers.retryAfter.map { $0 >= 0 } == true)
  }

  @Test func `wrong bytes are an error at once`() throws {
    var wrong = layer
    wrong[5] ^= 1
    let server = try ScriptedServer { [wrong] _ in .bytes(200, wrong) }
    let error = #expect(throws: RegistryError.self) { try read(server) }
    #expect(error?.description.contains("the content has the digest") == true)
    #expect(error?.isTransient == false)
    #expect(server.lines.count { $0.contains("blobs") } == 1)
  }

  @Test func `a longer and a shorter blob are errors`() throws {
    let layer = layer
    let longer = try ScriptedServer { _ in .bytes(200, layer + [1]) }
    let error = #expect(throws: RegistryError.self) { try read(longer) }
    #expect(error?.description.contains("the content has more than 300000 bytes") == true)
    let shorter = try ScriptedServer { _ in .bytes(200, Array(layer.dropLast())) }
    let other = #expect(throws: RegistryError.self) { try read(shorter) }
    #expect(other?.description.contains("the content has 299999 bytes, not 300000") == true)
  }

  @Test func `a transfer that stalls is given up`() throws {
    let layer = layer
    let server = try ScriptedServer { request in
      request.path.contains("blobs") ? .stalled(200, Array(layer.prefix(1000)), length: layer.count) : .status(200)
    }
    var options = RegistryOptions.testing
    options.stallSeconds = 1
    options.retry.tries = 1
    let error = #expect(throws: RegistryError.self) { try read(server, options) }
    #expect(error?.reason == .stalled(seconds: 1))
  }

  @Test func `a failure that passes is tried again, and only so often`() throws {
    let layer = layer
    let server = try ScriptedServer { request in
      request.path.contains("blobs") && request.earlier < 2 ? .text(503, "starting") : .bytes(200, layer)
    }
    #expect(try read(server) == layer)
    let broken = try ScriptedServer { $0.path.contains("blobs") ? .text(502, "bad gateway") : .status(200) }
    let error = #expect(throws: RegistryError.self) { try read(broken) }
    #expect(error?.status == 502)
    #expect(broken.lines.count { $0.contains("blobs") } == 4)
  }

  @Test func `a credential does not follow a redirect to another host`() throws {
    let layer = layer
    let storage = try ScriptedServer { _ in .bytes(200, layer) }
    let elsewhere = "http://localhost:\(storage.port)/signed?signature=secret"
    let server = try ScriptedServer { request in
      guard request.headers["authorization"] != nil else {
        return .status(401, ["WWW-Authenticate": "Basic realm=\"x\""])
      }
      return .status(307, ["Location": elsewhere])
    }
    let folder = try TemporaryFolder()
    let log = TestLog()
    var options = try RegistryOptions.testing(login: server.address, in: folder)
    options.log = log.add
    #expect(try read(server, options) == layer)
    #expect(server.requests.last?.headers["authorization"] == "Basic YWxpY2U6czNjcmV0")
    #expect(storage.requests.map { $0.headers["authorization"] } == [nil])
    #expect(!log.text.contains("YWxpY2U6czNjcmV0"))
    #expect(!log.text.contains("s3cret"))
    #expect(!log.text.contains("signature"))
    #expect(log.text.contains("GET http://localhost:\(storage.port)/signed: 200"))
  }

  @Test func `an error page without end is cut`() throws {
    let page = [UInt8](repeating: 0x78, count: 1 << 20)
    let server = try ScriptedServer { request in
      request.path.contains("blobs") ? .stalled(404, page, length: 1 << 40) : .status(200)
    }
    let error = #expect(throws: RegistryError.self) { try read(server) }
    #expect(error?.status == 404)
    #expect(error?.diagnostics.first?.message.count == 303)
  }

  @Test func `a manifest without end is an error`() throws {
    let server = try ScriptedServer { request in
      request.path.contains("manifests")
        ? .stalled(200, [UInt8](repeating: 0x20, count: 5 << 20), length: 1 << 40) : .status(200)
    }
    let registry = try Registry(host: server.address, repository: "app", options: .testing)
    let error = #expect(throws: RegistryError.self) { try registry.manifest(.tag("x")) }
    #expect(error?.reason == .malformed("it has more than 4194304 bytes"))
  }

  @Test func `a manifest is checked against what was asked for, and against what is said of it`() throws {
    let server = try ScriptedServer { request in
      request.path.hasSuffix("said")
        ? .text(200, "{}", ["Docker-Content-Digest": "sha256:" + String(repeating: "0", count: 64)]) : .text(200, "{}")
    }
    let registry = try Registry(host: server.address, repository: "app", options: .testing)
    for identifier in [ManifestIdentifier.tag("said"), .digest(try Digest.of(layer))] {
      let error = #expect(throws: RegistryError.self) { try registry.manifest(identifier) }
      #expect(error?.description.contains("the content has the digest") == true)
    }
    #expect(throws: RegistryError.self) { try registry.manifest(.tag("none")) }
    #expect(throws: RegistryError.self) { try registry.manifest(.tag("../../x")) }
    #expect(!server.lines.contains { $0.contains("..") })
  }

  @Test func `tags come page by page, from the same host only`() throws {
    let server = try ScriptedServer { request in
      switch request.target {
      case "/v2/app/tags/list": .text(200, #"{"tags":["a","b"]}"#, ["Link": "</v2/app/tags/list?last=b>; rel=\"next\""])
      case "/v2/app/tags/list?last=b": .text(200, #"{"tags":["c"]}"#, ["Link": "<http://localhost:1/x>; rel=next"])
      default: .text(200, #"{"tags":null}"#)
      }
    }
    let registry = try Registry(host: server.address, repository: "app", options: .testing)
    let error = #expect(throws: RegistryError.self) { try registry.tags() }
    #expect(error?.reason == .unsafe("the next page of tags is on another host, http://localhost:1/x"))
    #expect(try Registry(host: server.address, repository: "other", options: .testing).tags() == [])
  }

  @Test func `redirects without end, and to what is no http, are errors`() throws {
    let circle = try ScriptedServer {
      $0.path.contains("blobs") ? .status(302, ["Location": "/v2/app/blobs/x"]) : .status(200)
    }
    let error = #expect(throws: RegistryError.self) { try read(circle) }
    #expect(error?.description.contains("too many redirects") == true)
    let file = try ScriptedServer {
      $0.path.contains("blobs") ? .status(302, ["Location": "file:///etc/passwd"]) : .status(200)
    }
    #expect(throws: RegistryError.self) { try read(file) }
    let clear = try ScriptedServer {
      $0.path.contains("blobs") ? .status(302, ["Location": "http://192.0.2.1/"]) : .status(200)
    }
    let other = #expect(throws: RegistryError.self) { try read(clear) }
    #expect(other?.reason == .unsafe("it redirects to http://192.0.2.1/, which does not use https"))
  }
}

import Foundation
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

/// A registry that misbehaves while it is written to.
@Suite struct RegistryUploadFaultTests {
  let layer = [UInt8](repeating: 3, count: 2 << 20)

  private func descriptor() throws -> Descriptor { try Descriptor(of: layer, mediaType: .layer) }

  private func write(
    _ server: ScriptedServer, _ options: RegistryOptions = .testing, content: BlobContent? = nil
  ) throws -> Int64 {
    let registry = try Registry(host: server.address, repository: "app", options: options)
    var bytes: Int64 = 0
    try registry.writeBlob(descriptor(), from: content ?? .bytes(Data(layer))) { bytes += $0 }
    return bytes
  }

  @Test func `an upload that fails is begun again, and its bytes are counted once`() throws {
    let server = try ScriptedServer { request in
      switch request.method {
      case "POST": .status(202, ["Location": "/uploads/\(request.earlier)?_state=a%2Fb"])
      case "HEAD": .status(404)
      case "PUT": request.path == "/uploads/0" ? .text(500, "out of luck") : .status(201)
      default: .status(200)
      }
    }
    #expect(try write(server) == Int64(layer.count))
    let uploads = server.requests.filter { $0.method == "PUT" }
    #expect(uploads.map(\.path) == ["/uploads/0", "/uploads/1"])
    #expect(uploads.last?.target == "/uploads/1?_state=a%2Fb&digest=\(try descriptor().digest)")
    #expect(uploads.last?.body == layer)
  }

  /// A registry that has half of the blob, in a session that is busy for a while.
  private func busy(conflicts: Int) throws -> ScriptedServer {
    let half = layer.count / 2
    return try ScriptedServer { request in
      switch request.method {
      case "POST": .status(202, ["Location": "/u/\(request.earlier)"])
      case "HEAD": .status(404)
      case "GET" where request.path == "/u/0":
        request.earlier < conflicts ? .status(409) : .status(204, ["Range": "0-\(half - 1)"])
      case "PUT" where request.path == "/u/0" && request.earlier == 0: .raw("")
      case "PATCH": .status(202, ["Location": "/u/0"])
      default: .status(201)
      }
    }
  }

  @Test func `a session that is busy is asked again, and resumed`() throws {
    let server = try busy(conflicts: 2)
    #expect(try write(server) == Int64(layer.count))
    #expect(server.lines.count { $0.hasPrefix("POST") } == 1)
    #expect(server.lines.count { $0 == "GET /u/0" } == 3)
    #expect(server.requests.filter { $0.method == "PATCH" }.map(\.body.count) == [layer.count / 2])
  }

  @Test func `a session that stays busy is given up`() throws {
    let server = try busy(conflicts: .max)
    #expect(try write(server) == Int64(layer.count))
    #expect(server.lines.count { $0.hasPrefix("POST") } == 2)
    #expect(server.requests.last { $0.method == "PUT" }?.body == layer)
  }

  @Test func `only large bodies wait for an answer, and for a host that gives none only once`() throws {
    let server = try ScriptedServer(answersExpect: false) { request in
      switch request.method {
      case "POST": .status(202, ["Location": "/u"])
      case "HEAD": .status(404)
      default: .status(201)
      }
    }
    let registry = try Registry(host: server.address, repository: "app", options: .testing)
    for _ in 0..<4 { #expect(try write(server) == Int64(layer.count)) }
    let small = Data(repeating: 1, count: 100_000)
    try registry.writeBlob(Descriptor(of: small, mediaType: .layer), from: .bytes(small)) { _ in }
    let uploads = server.requests.filter { $0.method == "PUT" }
    #expect(uploads.map { $0.headers["expect"] != nil } == [true, false, false, false, false])
  }

  @Test func `no number of a registry makes an upload trap`() throws {
    for number in ["9223372036854775807", "-9223372036854775808", "9223372036854775808", "0"] {
      let server = try ScriptedServer { request in
        switch request.method {
        case "POST": .status(202, ["Location": "/u/\(request.earlier)", "OCI-Chunk-Min-Length": number])
        case "HEAD": .status(404)
        case "GET": .status(204, ["Range": "0-\(number)"])
        case "PUT" where request.path == "/u/0": .raw("")
        default: .status(201)
        }
      }
      #expect(try write(server) == Int64(layer.count))
    }
  }

  @Test func `an upload whose answer was lost is not sent again`() throws {
    let server = try ScriptedServer { request in
      switch request.method {
      case "POST": .status(202, ["Location": "session"])
      case "HEAD": .status(200, ["Content-Length": "\(2 << 20)"])
      case "PUT": .raw("")
      default: .status(200)
      }
    }
    #expect(try write(server) == Int64(layer.count))
    #expect(server.lines.filter { $0.hasPrefix("PUT") } == ["PUT /v2/app/blobs/uploads/session"])
  }

  @Test func `a Location at another host gets the bytes, but no credential`() throws {
    let storage = try ScriptedServer { _ in .status(201) }
    let location = "http://localhost:\(storage.port)/take"
    let server = try ScriptedServer { request in
      guard request.headers["authorization"] != nil else {
        return .status(401, ["WWW-Authenticate": "Basic realm=x"])
      }
      return .status(202, ["Location": location])
    }
    let folder = try TemporaryFolder()
    #expect(try write(server, .testing(login: server.address, in: folder)) == Int64(layer.count))
    #expect(storage.requests.map { $0.headers["authorization"] } == [nil])
    #expect(storage.requests.map(\.body.count) == [layer.count])
  }

  @Test func `a proxy's page of HTML becomes one sentence`() throws {
    let page = "<html>\r\n<head><title>413 Request Entity Too Large</title></head><body>nginx</body></html>"
    let server = try ScriptedServer(readsBodies: false) { request in
      switch request.method {
      case "POST": .status(202, ["Location": "/u"])
      case "PUT", "PATCH": .text(413, page)
      default: .status(200)
      }
    }
    let error = #expect(throws: RegistryError.self) { try write(server) }
    let start = "cannot upload the blob \(try descriptor().digest) to \(server.address)/app: "
    #expect(
      error?.description == start
        + "this is larger than the registry, or a proxy in front of it, accepts (413, 413 Request Entity Too Large)")
    #expect(error?.hint == "raise the limit: with nginx, client_max_body_size 0")
    // All at once, and then half of it.
    #expect(server.lines.filter { $0.hasPrefix("P") && !$0.hasPrefix("POST") } == ["PUT /u", "PATCH /u"])
  }

  @Test func `too many requests are waited for, unless that takes too long`() throws {
    let patient = try ScriptedServer { request in
      switch request.method {
      case "POST": request.earlier == 0 ? .status(429, ["Retry-After": "0"]) : .status(202, ["Location": "/u"])
      case "PUT": .status(201)
      default: .status(404)
      }
    }
    #expect(try write(patient) == Int64(layer.count))
    let busy = try ScriptedServer { $0.method == "POST" ? .status(429, ["Retry-After": "3600"]) : .status(200) }
    let error = #expect(throws: RegistryError.self) { try write(busy) }
    #expect(error?.description.contains("too many requests: the registry asks to wait 3600 s (429)") == true)
    #expect(busy.lines.count { $0.hasPrefix("POST") } == 1)
  }

  @Test func `a registry gets time to store what is large, and no such time for what is small`() throws {
    let server = try ScriptedServer { request in
      switch request.method {
      case "POST": return .status(202, ["Location": "/u"])
      case "PUT":
        Thread.sleep(forTimeInterval: request.body.count > 1000 ? 1.5 : 4)
        return .status(201)
      default: return .status(404)
      }
    }
    var options = RegistryOptions.testing
    options.stallSeconds = 0.5
    options.retry.tries = 1
    func write(_ bytes: [UInt8]) throws {
      let registry = try Registry(host: server.address, repository: "a", options: options)
      try registry.writeBlob(Descriptor(of: bytes, mediaType: .layer), from: .bytes(Data(bytes))) { _ in }
    }
    try write([UInt8](repeating: 1, count: 40_000_000))
    let error = #expect(throws: RegistryError.self) { try write([1]) }
    #expect(error?.description.contains("no data transferred for 0.5 s") == true)
  }

  @Test func `a registry that stores something else is found out`() throws {
    let other = try Digest.of(Array("other".utf8))
    let server = try ScriptedServer { request in
      request.method == "POST"
        ? .status(202, ["Location": "/u"]) : .status(201, ["Docker-Content-Digest": other.description])
    }
    let error = #expect(throws: RegistryError.self) { try write(server) }
    #expect(error?.reason == .corrupt("the registry stored \(other), not \(try descriptor().digest)"))
  }

  @Test func `what a server sends back of a credential is not shown`() throws {
    let server = try ScriptedServer { request in
      guard let header = request.headers["authorization"] else {
        return .status(401, ["WWW-Authenticate": "Basic realm=x"])
      }
      return .text(403, #"{"errors":[{"code":"DENIED","message":"\#(header) and s3cret"}]}"#)
    }
    let folder = try TemporaryFolder()
    let error = #expect(throws: RegistryError.self) { try write(server, .testing(login: server.address, in: folder)) }
    #expect(error?.description.contains("(403, DENIED: Basic *** and ***)") == true)
    #expect(error?.description.contains("is not permitted to do this") == true)
  }

  @Test func `a progress that throws ends the upload`() throws {
    struct Stop: Error {}
    let server = try ScriptedServer { $0.method == "POST" ? .status(202, ["Location": "/u"]) : .status(201) }
    let registry = try Registry(host: server.address, repository: "app", options: .testing)
    #expect(throws: Stop.self) {
      try registry.writeBlob(descriptor(), from: .bytes(Data(layer))) { _ in throw Stop() }
    }
    #expect(!server.lines.contains { $0.hasPrefix("PUT") })
  }
}

import Foundation
import SematicOCI
import TestSupport
import Testing

@testable import SematicImages
@testable import SematicRegistryClient

@Suite struct RegistryRedirectTests {
  private func isAllowed(_ from: String, _ to: String, insecure: Bool = false) throws -> Bool {
    let from = try #require(HTTPAddress(from))
    let to = try #require(HTTPAddress(to))
    return Redirects.isAllowed(from: from, to: to, insecureBase: insecure ? from : nil)
  }

  @Test func `https is never left`() throws {
    #expect(try isAllowed("https://a/", "https://b/"))
    #expect(try !isAllowed("https://a/", "http://a/"))
    #expect(try !isAllowed("https://a/", "http://127.0.0.1/"))
    #expect(try !isAllowed("https://a/", "http://b/", insecure: true))
  }

  @Test func `plain http leads to this machine, or elsewhere where insecure says so`() throws {
    #expect(try isAllowed("http://127.0.0.1:5000/", "http://localhost:9000/"))
    #expect(try isAllowed("http://a/", "https://b/"))
    #expect(try !isAllowed("http://127.0.0.1/", "http://b/"))
    #expect(try isAllowed("http://a/", "http://b/", insecure: true))
  }

  /// What a registry and the host that it redirects to receive for an upload and a manifest.
  private func upload(_ content: (Data, Descriptor) throws -> BlobContent) throws -> (ScriptedServer, ScriptedServer) {
    let folder = try TemporaryFolder("redirect")
    let storage = try ScriptedServer { request in
      switch (request.method, request.path) {
      case ("POST", "/begin/here"): .status(202, ["Location": "session"])
      case ("PUT", "/begin/session"): .status(307, ["Location": "../final?\(request.target.split(separator: "?")[1])"])
      case ("PUT", "/final"), ("PUT", "/manifest"): .status(201)
      default: .status(404)
      }
    }
    let other = "http://localhost:\(storage.port)"
    let bytes = try canonicalJSON(Manifest(config: Descriptor(of: Data(), mediaType: .configuration), layers: []))
    let registry = try ScriptedServer { request in
      guard request.headers["authorization"] != nil else {
        return .status(401, ["WWW-Authenticate": "Basic realm=x"])
      }
      return switch request.method {
      case "POST": .status(307, ["Location": other + "/begin/here"])
      case "PUT": .status(308, ["Location": other + "/manifest"])
      case "GET" where request.path.hasSuffix("/manifests/v1"):
        .bytes(200, Array(bytes), ["Content-Type": MediaType.manifest.rawValue])
      default: .status(404)
      }
    }
    let options = try RegistryOptions.testing(login: registry.address, in: folder)
    let place = try Registry(host: registry.address, repository: "a", options: options)
    let blob = Data(repeating: 7, count: 3 << 20)
    let descriptor = try Descriptor(of: blob, mediaType: .layer)
    try place.writeBlob(descriptor, from: content(blob, descriptor)) { _ in }
    try place.putManifest(bytes, Descriptor(of: bytes, mediaType: .manifest), tags: ["v1"])
    #expect(storage.requests.first { $0.path == "/final" }?.body == Array(blob))
    #expect(storage.requests.last?.path == "/manifest")
    #expect(storage.requests.last?.body == Array(bytes))
    return (registry, storage)
  }

  @Test func `307 and 308 are followed for uploads and manifests, without credentials to another host`() throws {
    let (registry, storage) = try upload { bytes, _ in .bytes(bytes) }
    #expect(registry.requests.contains { $0.headers["authorization"] != nil })
    #expect(storage.requests.allSatisfy { $0.headers["authorization"] == nil })
    #expect(storage.requests.first { $0.path == "/final" }?.target.contains("digest=sha256:") == true)
  }

  @Test func `an upload is redirected even where its bytes come from another place`() throws {
    _ = try upload { bytes, descriptor in
      let store = MemoryStore()
      store.put(bytes, as: descriptor.digest)
      return .source(store)
    }
  }

  @Test func `a manifest that only another host has taken is an error`() throws {
    let storage = try ScriptedServer { _ in .status(201) }
    let location = "http://localhost:\(storage.port)/"
    let registry = try ScriptedServer { request in
      request.method == "PUT" ? .status(307, ["Location": location]) : .status(request.path == "/v2/" ? 200 : 404)
    }
    let place = try Registry(host: registry.address, repository: "a", options: .testing)
    let bytes = Data("{}".utf8)
    let error = #expect(throws: RegistryError.self) {
      try place.putManifest(bytes, Descriptor(of: bytes, mediaType: .manifest), tags: ["v1"])
    }
    #expect(error?.status == 404)
    #expect(storage.lines == ["PUT /"])
  }

  @Test func `an upload that is redirected for ever is an error`() throws {
    let server = try ScriptedServer { request in
      request.method == "POST" ? .status(202, ["Location": "/u"]) : .status(307, ["Location": "/u?x"])
    }
    let registry = try Registry(host: server.address, repository: "a", options: .testing)
    let bytes = Data([1, 2, 3])
    let descriptor = try Descriptor(of: bytes, mediaType: .layer)
    let error = #expect(throws: RegistryError.self) {
      try registry.writeBlob(descriptor, from: .bytes(bytes)) { _ in }
    }
    #expect(error?.reason == .malformed("too many redirects"))
  }

  private func location(_ text: String?, insecure: Bool = false) throws -> String {
    var options = RegistryOptions.testing
    options.insecure = insecure
    let connection = RegistryConnection(host: "r.example", repository: "a", options: options)
    var head = ResponseHead(status: 202)
    if let text { head.headers.append(line: "Location: \(text)") }
    let address = try #require(HTTPAddress("https://r.example/v2/a/blobs/uploads/"))
    let response = ClientResponse(head: head, body: .init(), address: address)
    return try connection.location(of: response, operation: "upload to").text
  }

  @Test func `a proxy that forgets to say https does not take an upload out of TLS`() throws {
    #expect(try location("http://r.example/v2/u?x=1") == "https://r.example/v2/u?x=1")
    #expect(try location("http://r.example:443/v2/u") == "https://r.example/v2/u")
    #expect(try location("/v2/u") == "https://r.example/v2/u")
    #expect(throws: RegistryError.self) { try location("http://r.example:5000/v2/u") }
    #expect(throws: RegistryError.self) { try location("http://elsewhere.example/v2/u") }
    #expect(throws: RegistryError.self) { try location("http://127.0.0.1/v2/u") }
    #expect(throws: RegistryError.self) { try location(nil) }
  }
}

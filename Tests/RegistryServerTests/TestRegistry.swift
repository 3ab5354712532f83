import Foundation
import SematicFiles
import SematicOCI
import SematicRegistryServer
import TestSupport

/// A registry in a folder of its own, on a port of its own.
final class TestRegistry {
  let folder: TemporaryFolder
  let server: RegistryServer
  let client: HTTPClient

  var root: String { folder.file("registry") }

  /// - Parameter folder: another registry's, to share it or to go on with it.
  init(in folder: TemporaryFolder? = nil, _ change: (inout RegistryServer.Options) -> Void = { _ in }) throws {
    self.folder = try folder ?? TemporaryFolder("registry")
    var options = RegistryServer.Options()
    change(&options)
    server = try RegistryServer(root: self.folder.file("registry"), options: options)
    server.start()
    // A debug build on a busy machine takes its time over megabytes of JSON.
    client = try HTTPClient(port: server.port, seconds: 120)
  }

  deinit { server.stop() }

  /// A request on the connection that is kept.
  func call(
    _ method: String, _ target: String, _ headers: [String] = [], body: [UInt8]? = nil
  ) throws -> HTTPClient.Response {
    try client.request(method, "/v2/" + target, headers, body: body)
  }

  func call(_ method: String, _ target: String, _ headers: [String] = [], body: String) throws -> HTTPClient.Response {
    try call(method, target, headers, body: Array(body.utf8))
  }

  /// Uploads a blob in one request.
  @discardableResult
  func blob(_ text: String, in repository: String, _ algorithm: Digest.Algorithm = .sha256) throws -> Descriptor {
    let bytes = Array(text.utf8)
    let digest = try Digest.of(bytes, algorithm)
    let answer = try call("POST", "\(repository)/blobs/uploads/?digest=\(digest)", body: bytes)
    guard answer.status == 201 else { throw HTTPClient.Failure(reason: answer.text) }
    return Descriptor(mediaType: .layer, digest: digest, size: Int64(bytes.count))
  }

  /// A manifest whose config and one layer were uploaded.
  func manifest(_ text: String = "layer", in repository: String, subject: Descriptor? = nil) throws -> Data {
    var manifest = Manifest(
      config: try blob("{}", in: repository), layers: [try blob(text, in: repository)])
    manifest.config.mediaType = .configuration
    manifest.subject = subject
    return try canonicalJSON(manifest)
  }

  func put(
    _ manifest: Data, _ repository: String, _ reference: String, type: MediaType? = .manifest
  ) throws -> HTTPClient.Response {
    let headers = type.map { ["Content-Type: \($0)"] } ?? []
    return try call("PUT", "\(repository)/manifests/\(reference)", headers, body: Array(manifest))
  }

  /// Begins an upload, and returns what is behind `/v2/` of its place.
  func upload(in repository: String) throws -> String {
    let answer = try call("POST", "\(repository)/blobs/uploads/", body: "")
    guard answer.status == 202, let location = answer["Location"], location.hasPrefix("/v2/") else {
      throw HTTPClient.Failure(reason: answer.text)
    }
    return String(location.dropFirst(4))
  }

  /// All files below the root.
  func files(_ folder: String = "") throws -> [String] {
    let path = root + folder
    return try FileTree.names(in: path).flatMap { name in
      FileTree.isDirectory("\(path)/\(name)") ? try files("\(folder)/\(name)") : ["\(folder)/\(name)"]
    }
  }
}

func digest(_ text: String, _ algorithm: Digest.Algorithm = .sha256) throws -> Digest {
  try Digest.of(text.utf8, algorithm)
}

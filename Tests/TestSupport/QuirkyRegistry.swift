import Foundation
import SematicOCI

/// A registry in memory that behaves like some that people have, in what they do of their own.
package final class QuirkyRegistry: @unchecked Sendable {  // what is stored is guarded by the lock
  package enum Quirk: String, Hashable, CaseIterable, Sendable {
    /// Azure, Quay and others in their time: 405 or 400.
    case refusesHead
    /// Quay: a mount without `from`, and most mounts at all.
    case refusesMounts
    /// Harbor: 400 for what it does not like about the other repository.
    case mountOfUnknownIsBad
    /// ECR, Artifactory: a blob is shared only when a manifest refers to it; HEAD still says no after a mount.
    case mountsAreInvisible
    /// ECR: 201 to each chunk, and `Range` stays where the first one ended. aws/containers-roadmap#2831
    case staysAtFirstChunk
    /// Bodies after the first chunk are dropped, as ECR seemed to do.
    case dropsLaterChunks
    /// GHCR: 416 for a request with a Content-Range of more than 1 MiB (4 there).
    case limitsChunks
    /// A proxy before it: 413 for any request of more than 1 MiB.
    case limitsRequests
    /// Artifactory: no PUT with a body. docker/buildx#196
    case refusesWholePut
    /// Cloudflare's and others: chunks are asked for.
    case asksForChunks
    /// ECR, Harbor, GitLab: a tag is written once.
    case tagsAreImmutable
    /// Several: neither `Docker-Content-Digest` nor a `Content-Length` for HEAD.
    case leavesHeadersOut
    /// GHCR, GAR, Docker Hub: blobs are read from a storage elsewhere.
    case redirectsReads
    /// ECR, GAR: blobs are uploaded to a storage elsewhere, at a signed address.
    case uploadsElsewhere
    /// `Location: <id>`, relative to the request.
    case relativeLocation
    /// GitLab, Azure: tokens by challenge, as `access_token`; several scopes, parted by more than one space.
    case tokens
    /// Some proxies: 401 for `/v2/`, without a word of why.
    case speechlessBase
    /// Docker Hub: 429 with Retry-After, at first.
    case limitsRate
  }

  private let quirks: Set<Quirk>
  private let lock = NSLock()
  private var blobs: [String: [UInt8]] = [:]
  /// `repository digest`.
  private var links: Set<String> = []
  private var manifests: [String: (bytes: [UInt8], type: String)] = [:]
  private var begun = 0
  private var uploads: [String: (bytes: [UInt8], chunks: Int, first: Int)] = [:]
  private var server: ScriptedServer?
  private var storage: ScriptedServer?
  private var wasBusy = false

  package init(_ quirks: Set<Quirk>) throws {
    self.quirks = quirks
    storage = try ScriptedServer { [weak self] request in
      guard let self, request.target.contains("signature=secret") else { return .status(403) }
      // As storages do: two ways to prove who asks are an error.
      return request.headers["authorization"] == nil ? self.answer(request, isStorage: true) : .status(400)
    }
    server = try ScriptedServer { [weak self] request in self?.answer(request, isStorage: false) ?? .status(500) }
  }

  package var address: String { server?.address ?? "" }
  package var requests: [ScriptedServer.Request] { server?.requests ?? [] }
  package var lines: [String] { server?.lines ?? [] }
  package var storageRequests: [ScriptedServer.Request] { storage?.requests ?? [] }

  private typealias Answer = ScriptedServer.Answer

  private func answer(_ request: ScriptedServer.Request, isStorage: Bool) -> ScriptedServer.Answer {
    lock.withLock {
      if !isStorage, let refusal = refusal(of: request) { return refusal }
      let parts = request.path.split(separator: "/").map(String.init)
      guard let place = parts.firstIndex(where: { ["blobs", "manifests"].contains($0) }), parts.count > place + 1 else {
        return request.path == "/v2/" ? .text(200, "{}") : .status(404)
      }
      let repository = parts[1..<place].joined(separator: "/")
      if parts[place] == "manifests" { return manifest(request, repository, parts[place + 1]) }
      if parts[place + 1] != "uploads" { return blob(request, repository, parts[place + 1], isStorage) }
      if request.method == "POST" { return begin(request, repository) }
      return parts.count > place + 2 ? upload(request, repository, parts[place + 2]) : .status(404)
    }
  }

  private func refusal(of request: ScriptedServer.Request) -> Answer? {
    if request.path == "/token" { return .text(200, #"{"access_token":"good","expires_in":300}"#) }
    if quirks.contains(.speechlessBase), request.path == "/v2/" { return .text(401, "<html>Unauthorized</html>") }
    if quirks.contains(.tokens), request.headers["authorization"] != "Bearer good" {
      let challenge =
        "Bearer realm=\"http://\(address)/token\", service=\"\", scope=\"repository:app:pull,push  "
        + "repository:base:pull\", error=\"invalid_token\""
      return .status(401, ["WWW-Authenticate": challenge])
    }
    if quirks.contains(.limitsRate), !wasBusy, request.path != "/v2/" {
      wasBusy = true
      return .text(429, "<html><body>Too Many Requests</body></html>", ["Retry-After": "0"])
    }
    if quirks.contains(.refusesHead), request.method == "HEAD" { return .status(405) }
    if quirks.contains(.limitsRequests), request.body.count > 1 << 20 {
      return .text(413, "<html><head><title>413 Request Entity Too Large</title></head></html>")
    }
    return nil
  }

  private func blob(
    _ request: ScriptedServer.Request, _ repository: String, _ digest: String, _ isStorage: Bool
  ) -> Answer {
    guard links.contains("\(repository) \(digest)"), let bytes = blobs[digest] else { return .status(404) }
    if quirks.contains(.redirectsReads), !isStorage {
      let target = "http://localhost:\(storage?.port ?? 0)\(request.path)?signature=secret"
      return .status(307, ["Location": target])
    }
    if request.method == "HEAD", quirks.contains(.leavesHeadersOut) { return .status(200, ["Content-Length": ""]) }
    return .bytes(200, bytes)
  }

  private func begin(_ request: ScriptedServer.Request, _ repository: String) -> Answer {
    let fields = URLComponents(string: request.target)?.queryItems ?? []
    let query = Dictionary(fields.map { ($0.name, $0.value ?? "") }) { first, _ in first }
    if let digest = query["mount"] {
      if quirks.contains(.refusesMounts) || query["from"] == nil { return .text(400, "INVALID_REQUEST") }
      let isThere = links.contains("\(query["from"] ?? "") \(digest)")
      if !isThere, quirks.contains(.mountOfUnknownIsBad) { return .text(400, "bad request: invalid repository name") }
      if isThere {
        if !quirks.contains(.mountsAreInvisible) { links.insert("\(repository) \(digest)") }
        return .status(201)
      }
    }
    begun += 1
    let id = "id\(begun)"
    uploads[id] = ([], 0, 0)
    var headers = ["Location": "http://\(address)/v2/\(repository)/blobs/uploads/\(id)?_state=a%2Bb"]
    if quirks.contains(.relativeLocation) { headers["Location"] = id }
    if quirks.contains(.uploadsElsewhere) {
      let port = storage?.port ?? 0
      headers["Location"] = "http://localhost:\(port)/v2/\(repository)/blobs/uploads/\(id)?signature=secret"
    }
    if quirks.contains(.asksForChunks) { headers["OCI-Chunk-Min-Length"] = "500000" }
    return .status(202, headers)
  }

  private func upload(_ request: ScriptedServer.Request, _ repository: String, _ id: String) -> Answer {
    guard var upload = uploads[id] else { return .status(404) }
    if quirks.contains(.limitsChunks), request.headers["content-range"] != nil, request.body.count > 1 << 20 {
      return .text(416, #"{"errors":[{"code":"X","message":"the request body is too large and exceeds the limit"}]}"#)
    }
    let isPut = request.method == "PUT"
    if isPut, !request.body.isEmpty, quirks.contains(.refusesWholePut) { return .status(404) }
    if !(quirks.contains(.dropsLaterChunks) && upload.chunks > 0) { upload.bytes += request.body }
    if !isPut { upload.chunks += 1 }
    if upload.chunks == 1 { upload.first = upload.bytes.count }
    uploads[id] = upload
    guard isPut else {
      let received = quirks.contains(.staysAtFirstChunk) ? upload.first : upload.bytes.count
      return .status(
        quirks.isDisjoint(with: [.staysAtFirstChunk, .dropsLaterChunks]) ? 202 : 201,
        ["Range": "0-\(max(0, received - 1))"])
    }
    let wanted =
      request.target.components(separatedBy: "digest=").last?.replacingOccurrences(of: "%3A", with: ":") ?? ""
    guard let found = try? Digest.of(upload.bytes).description, found == wanted else {
      return .text(400, "DIGEST_INVALID")
    }
    uploads[id] = nil
    blobs[found] = upload.bytes
    links.insert("\(repository) \(found)")
    return .status(201, quirks.contains(.leavesHeadersOut) ? [:] : ["Docker-Content-Digest": found])
  }

  private func manifest(_ request: ScriptedServer.Request, _ repository: String, _ name: String) -> Answer {
    let key = "\(repository) \(name)"
    if request.method == "PUT" {
      if quirks.contains(.tagsAreImmutable), manifests[key] != nil, !name.contains(":") {
        return .text(400, "TAG_IMMUTABLE")
      }
      guard let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(request.body)),
        let digest = try? Digest.of(request.body).description
      else { return .text(400, "MANIFEST_INVALID") }
      for blob in [manifest.config] + manifest.layers {
        // What was mounted becomes visible now.
        guard blobs[blob.digest.description] != nil else { return .text(400, "MANIFEST_BLOB_UNKNOWN") }
        links.insert("\(repository) \(blob.digest)")
      }
      let type = request.headers["content-type"] ?? ""
      manifests[key] = (request.body, type)
      manifests["\(repository) \(digest)"] = (request.body, type)
      return .status(201, quirks.contains(.leavesHeadersOut) ? [:] : ["Docker-Content-Digest": digest])
    }
    guard let found = manifests[key] else { return .text(404, "<html>gone</html>") }
    return .bytes(200, found.bytes, ["Content-Type": found.type])
  }
}

import SematicFiles
import SematicOCI
import SematicSystem

/// Answers requests: who may do what, and which part of the specification it is.
final class Registry: Sendable {
  let store: Store
  let uploads: Uploads
  private let readOnly: Bool
  /// What `Authorization` must decode to, as a digest: comparing digests tells nothing of where two texts differ.
  private let credential: Digest?
  private let log: (@Sendable (String) -> Void)?

  init(
    store: Store, readOnly: Bool, basicAuth: (user: String, password: String)?, log: (@Sendable (String) -> Void)?
  ) throws {
    self.store = store
    self.readOnly = readOnly
    self.log = log
    uploads = Uploads(store)
    credential = try basicAuth.map { try Digest.of("\($0.user):\($0.password)".utf8) }
  }

  /// - Throws: `SocketError`, `HTTPError`: the request broke off.
  @Sendable func respond(to request: HTTPRequest, body: RequestBody) throws -> HTTPResponse {
    do {
      return try answer(request, body)
    } catch let fault as RegistryFault {
      return fault.response
    } catch let error as SocketError {
      throw error
    } catch let error as HTTPError {
      throw error
    } catch let error as FileError {
      log?("\(error)")
      // The path is nobody's business but the owner's, who has the log.
      let status = [ENOSPC, EDQUOT, EFBIG].contains(error.code) ? 507 : 500
      return RegistryFault(status, .unknown, "the registry cannot \(error.operation) a file: \(error.reason)").response
    } catch {
      log?("\(error)")
      return RegistryFault(500, .unknown, "the registry failed").response
    }
  }

  private func answer(_ request: HTTPRequest, _ body: RequestBody) throws -> HTTPResponse {
    try authorize(request)
    guard let route = try Route(request.target.path) else {
      throw RegistryFault(404, .unsupported, "there is nothing at this path")
    }
    let isReading = request.method == "GET" || request.method == "HEAD"
    let methods = route.methods.filter { !readOnly || $0 == "GET" || $0 == "HEAD" }
    guard methods.contains(request.method) else {
      let message = readOnly && !isReading ? "this registry is read-only" : "this path has no \(request.method)"
      throw RegistryFault(405, .unsupported, message, headers: [("Allow", methods.joined(separator: ", "))])
    }
    // A browser names the page that a request comes from. No page has business here, whatever host name it uses.
    guard isReading || request.headers["origin"] == nil else {
      throw RegistryFault(403, .denied, "a page in a browser may not change this registry")
    }
    switch route {
    case .base: return try .json(200, .object([:]))
    case .catalog: return try catalog(request)
    case .tags(let name): return try tags(name, request)
    case .referrers(let name, let subject): return try referrers(name, subject, request)
    case .blob(let name, let digest):
      return request.method == "DELETE" ? try deleteBlob(name, digest) : try blob(name, digest, request)
    case .uploads(let name): return try beginUpload(name, request, body)
    case .upload(let name, let id): return try upload(name, id, request, body)
    case .manifest(let name, let reference):
      switch request.method {
      case "PUT": return try putManifest(name, reference, request, body)
      case "DELETE": return try deleteManifest(name, reference)
      default: return try manifest(name, reference, request)
      }
    }
  }

  private func authorize(_ request: HTTPRequest) throws {
    guard let credential else { return }
    if let header = request.headers["authorization"], let blank = header.firstIndex(of: " "),
      header[..<blank].lowercased() == "basic",
      let given = Data(base64Encoded: HTTPHeaders.trimmed(String(header[blank...]))),
      try Digest.of(given) == credential
    {
      return
    }
    throw RegistryFault(
      401, .unauthorized, "this registry wants a user name and a password",
      headers: [("WWW-Authenticate", "Basic realm=\"registry\", charset=\"UTF-8\"")])
  }

  static func digest(_ text: String) throws -> Digest {
    do {
      return try Digest(text)
    } catch {
      throw RegistryFault(400, .digestInvalid, "the digest is not sha256: or sha512: and lower-case hexadecimal digits")
    }
  }
}
